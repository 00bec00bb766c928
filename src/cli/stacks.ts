import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import type { DirectClient } from '../client/direct.ts'
import type { Stack as StackSchema, Upgrade as UpgradeSchema } from '../contract/stacks.ts'
import { type Answer, answer, type Cli } from './command.ts'
import { Failed } from './failure.ts'
import { patiently } from './follow.ts'
import { untilInterrupted } from './interrupt.ts'
import { complain, foreign, say } from './print.ts'
import { Progress } from './progress.ts'
import { stateCell } from './states.ts'
import { type Cell, table } from './table.ts'
import { when } from './time.ts'

export type Stack = z.output<typeof StackSchema>
export type Upgrade = z.output<typeof UpgradeSchema>

export const stackCell = (state: Stack['state']): Cell => {
  if (state === 'ready') return { text: state, colour: 'green' }
  return { text: state, colour: state === 'failed' || state === 'broken' ? 'red' : 'yellow' }
}

export const imageName = (id: string) => id.replace(/^sha256:/, '').slice(0, 12)

/** "7 days", "12 hours". */
export function ageText(seconds: number | null): string {
  if (seconds === null) return 'any'
  for (const [unit, size] of [
    ['day', 86_400],
    ['hour', 3_600],
  ] as const) {
    if (seconds % size === 0) return `${seconds / size} ${unit}${seconds === size ? '' : 's'}`
  }
  return `${seconds / 60} minutes`
}

/** The log of a stack that is being made, to its end; then how it is. */
export async function followStack(cli: Cli, name: string): Promise<Stack> {
  const client = await cli.client()
  const show = (text: string) => (cli.json ? complain(foreign(text)) : say(foreign(text)))
  let shown = 0
  using progress = new Progress(`stack ${name}`)
  return await untilInterrupted(async (signal) => {
    for (;;) {
      await patiently(async () => {
        let passed = 0
        const input = { params: { stack: name }, query: { follow: 'true' } } as const
        for await (const { text } of client.stream('stackLog', input, signal)) {
          if (passed++ < shown) continue
          progress.clear()
          show(text)
          shown++
        }
      }, signal)
      if (signal.aborted) throw new Failed(`the stack is made all the same; look with: berth stack show ${name}`, 130)
      const stack = await patiently(() => client.call('showStack', { params: { stack: name } }, signal), signal)
      if (stack.state !== 'waiting' && stack.state !== 'making') return stack
      await sleep(300, undefined, { signal })
    }
  })
}

export const upgradeTable = ({ apps }: Upgrade) =>
  table(
    ['APP', 'STATE', 'OPERATION', 'WHY'],
    apps.map(({ app, state, operation, reason }) => [app, stateCell(state), operation, reason]),
    'no app is on an old stack',
  )

/** Tells what becomes of each app, and in the end all of it in a table. Ctrl-C only ends the looking. */
export async function followUpgrade(cli: Cli, id: string): Promise<Answer> {
  const client = await cli.client()
  const ended = await untilInterrupted((signal) => untilEnded(client, id, signal))
  const bad = ended.apps.some(({ state }) => state === 'failed') || ended.state === 'cancelled'
  return answer(ended, () => upgradeLines(ended), bad ? 1 : 0)
}

export const upgradeLines = (upgrade: Upgrade): string[] => [...upgradeTable(upgrade), summary(upgrade)]

function summary({ state, apps, id }: Upgrade): string {
  const count = (wanted: string) => apps.filter((app) => app.state === wanted).length
  const parts = [
    `${count('succeeded')} on the new stack`,
    `${count('failed')} failed and stayed as they were`,
    `${count('skipped')} skipped`,
  ]
  const rest = count('waiting') + count('running')
  return `upgrade ${id} ${state === 'running' ? 'goes on' : `is ${state}`}: ${[...parts, ...(rest > 0 ? [`${rest} to come`] : [])].join(', ')}`
}

async function untilEnded(client: DirectClient, id: string, signal: AbortSignal): Promise<Upgrade> {
  using progress = new Progress('upgrade')
  const said = new Map<string, string>()
  for (;;) {
    const upgrade = await patiently(() => client.call('showUpgrade', { params: { upgrade: id } }, signal), signal)
    const moved = upgrade.apps.filter(({ app, state }) => state !== 'waiting' && said.get(app) !== state)
    for (const { app, state, operation, reason } of moved) {
      said.set(app, state)
      progress.clear()
      const line = `${app}: ${state === 'running' ? `is built anew (operation ${operation})` : state}${reason ? `: ${reason}` : ''}`
      complain(foreign(line))
    }
    if (upgrade.state !== 'running') return upgrade
    await sleep(1_000, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) throw new Failed(`the upgrade goes on; follow it with: berth upgrade follow ${id}`, 130)
  }
}

export const madeText = (stack: Stack) =>
  stack.image ? `${imageName(stack.image.id)}, ${when(stack.image.createdAt)}` : undefined
