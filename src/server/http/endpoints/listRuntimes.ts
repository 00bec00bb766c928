import { listRuntimes } from '../../../contract/runtimes.ts'
import { handle } from '../handle.ts'

export const route = handle(listRuntimes, async ({ runtimes }) =>
  runtimes().listed.map(({ runtime, origin }) => ({ name: runtime.name, summary: runtime.title, origin })),
)
