import { run } from '../lib/exec.ts'
import { buildWall } from '../model/buildWall.ts'

/** Without Berth, containers of others on the Engine's bridge reach what they did before. Never throws. */
export async function lowerWall(): Promise<void> {
  for (const { from, to } of Object.values(buildWall)) {
    for (const rule of await rulesTo(from, to)) await iptables(['-D', ...rule.split(' ').slice(1)])
  }
}

const rulesTo = async (from: string, to: string): Promise<string[]> =>
  (await iptables(['-S', from])).split('\n').filter((line) => line.startsWith('-A ') && line.endsWith(` -j ${to}`))

const iptables = (how: readonly string[]): Promise<string> =>
  run(['iptables', '--wait', '5', ...how]).then(
    ({ stdout }) => stdout,
    () => '',
  )
