import type { z } from 'zod'
import type { Instance } from '../../contract/instances.ts'
import { releaseName } from '../../model/release.ts'
import { answer, define } from '../command.ts'
import { stateCell } from '../states.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

export const command = define({
  summary: 'Show the instances of an app',
  app: true,
  options: { all: { type: 'boolean', help: 'Those that ended too' } },
  examples: ['berth ps -a blog', 'berth ps -a blog --json'],
  async run(cli, { values: { all = false } }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const instances = await client.call('listInstances', { params: { app } })
    const shown = instances.filter(({ state }) => all || state !== 'exited')
    return answer(instances, () =>
      table(
        ['INSTANCE', 'PROCESS', 'RELEASE', 'STATE', 'SINCE', 'NODE', 'NOTE'],
        shown.map(rowOf),
        none(instances.length),
      ),
    )
  },
})

type Seen = z.output<typeof Instance>

const rowOf = (seen: Seen) => [
  seen.id.slice(0, 12),
  seen.process,
  releaseName(seen.release),
  stateCell(stateOf(seen)),
  when(seen.finishedAt ?? seen.startedAt),
  seen.node,
  noteOf(seen),
]

/** One word for what a person wants to know. */
function stateOf({ state, health, role }: Seen): string {
  if (state !== 'running') return state
  if (role === 'draining' || role === 'gone') return 'draining'
  return health === 'unknown' ? 'starting' : health
}

function noteOf({ state, exitCode, oomKilled, note }: Seen): string {
  if (oomKilled) return 'out of memory: give it more with berth scale'
  return state === 'exited' && exitCode !== null ? `exit code ${exitCode} ${note}`.trim() : note
}

const none = (ended: number) =>
  ended > 0
    ? 'nothing runs; those that ended: berth ps --all'
    : 'nothing runs; deploy with git push, or berth scale web=1'
