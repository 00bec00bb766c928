import { listRuntimes } from '../../../contract/runtimes.ts'
import { handle } from '../handle.ts'

export const route = handle(listRuntimes, async ({ runtimes }) => [...(await runtimes())])
