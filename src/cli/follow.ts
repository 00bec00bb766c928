import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import type { DirectClient } from '../client/direct.ts'
import type { Operation as OperationSchema } from '../contract/operations.ts'
import { isOver } from '../model/operation.ts'
import { Refusal } from '../model/refusal.ts'
import { releaseName } from '../model/release.ts'
import { type Answer, answer, type Cli } from './command.ts'
import { Failed } from './failure.ts'
import { untilInterrupted } from './interrupt.ts'
import { complain, foreign, isTerminal, paint, say } from './print.ts'
import { Progress } from './progress.ts'
import { lasted, when } from './time.ts'

export type Operation = z.output<typeof OperationSchema>

/** How long a server may be away (a restart, an upgrade) before following gives up. */
const patienceMs = 60_000

export const detachOption = {
  detach: { type: 'boolean', short: 'd', help: 'Do not wait until it is done' },
} as const

type Wish = {
  readonly detach?: boolean | undefined
  /** The API's answer around the operation, for --json. */
  readonly inside?: (operation: Operation) => unknown
}

/** Follows an operation to its end, or names it and lets it be. */
export async function finish(cli: Cli, operation: Operation, { detach, inside = same }: Wish = {}): Promise<Answer> {
  if (detach) return answer(inside(operation), () => [startedLine(operation)])
  const { ended, said } = await follow(cli, operation)
  if (ended.state !== 'succeeded') return failed(cli, ended, said, inside)
  const line = cli.json ? '' : isOver(operation.state) ? pastLine(ended) : await successLine(await cli.client(), ended)
  return answer(inside(ended), () => [line])
}

const same = (operation: Operation) => operation

const startedLine = ({ kind, app, id }: Operation) =>
  `${kind} of ${app} goes on as operation ${id}; follow it with: berth operation follow ${id}`

const pastLine = ({ kind, app, release, finishedAt }: Operation) =>
  `${kind} of ${app} made ${release === null ? 'no release' : releaseName(release)} and ended ${when(finishedAt) ?? ''}`

/** With --json the operation itself is the answer, and the progress goes aside. */
async function follow(cli: Cli, operation: Operation) {
  const client = await cli.client()
  const said: string[] = []
  using progress = new Progress(`${operation.kind} ${operation.app}`)
  const show = (text: string) => {
    said.push(text)
    progress.clear()
    if (cli.json) complain(foreign(text))
    else say(foreign(text))
  }
  return await untilInterrupted(async (signal) => {
    try {
      await patiently(showingLog(client, operation, show, signal), signal)
      return { ended: await ending(client, operation.id, signal), said }
    } catch (error) {
      if (!signal.aborted) throw error
      throw new Failed(`the operation goes on; follow it with: berth operation follow ${operation.id}`, 130)
    }
  })
}

/** Shows the log to its end; asked again after the server was away, it goes on with what was not shown yet. */
function showingLog(client: DirectClient, operation: Operation, show: (text: string) => void, signal: AbortSignal) {
  const input = { params: { operation: operation.id }, query: { follow: 'true' } } as const
  let shown = 0
  return async () => {
    let passed = 0
    for await (const { text } of client.stream('operationLog', input, signal)) {
      if (passed++ < shown) continue
      show(text)
      shown++
    }
  }
}

async function ending(client: DirectClient, id: string, signal: AbortSignal): Promise<Operation> {
  const look = () => client.call('showOperation', { params: { operation: id }, query: { wait: '30' } }, signal)
  for (;;) {
    const operation = await patiently(look, signal)
    if (isOver(operation.state)) return operation
  }
}

/** Tried again while the server is away, for a while. */
export async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const since = Date.now()
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const mayReturn = error instanceof Refusal && error.code === 'UNAVAILABLE'
      if (!mayReturn || signal.aborted || Date.now() - since > patienceMs) throw error
      await sleep(500, undefined, { signal })
    }
  }
}

async function successLine(client: DirectClient, operation: Operation): Promise<string> {
  const took = paint('dim', `(${durationOf(operation)})`)
  const { kind, app, release } = operation
  if (kind === 'destroy') return `${app} is destroyed ${took}`
  if (kind === 'run') return `the command is done ${took}`
  const { url } = await client.call('showApp', { params: { app } })
  const what =
    release === null ? `${kind} of ${app} is done` : `${paint('green', releaseName(release))} of ${app} is live`
  return `${what}: ${url} ${took}`
}

const durationOf = ({ createdAt, finishedAt }: Operation) =>
  lasted((finishedAt ? Date.parse(finishedAt) : Date.now()) - Date.parse(createdAt))

/** On a terminal, a reason that the log ended with is not told twice. */
function failed(cli: Cli, operation: Operation, said: readonly string[], inside: (operation: Operation) => unknown) {
  const { kind, app, state, error } = operation
  const reason = error?.message ?? `the ${kind} was ${state}`
  const told = isTerminal && said.slice(-5).some((line) => line.includes(reason))
  const line = told ? `${kind} of ${app} ${state}, as told above` : reason
  if (!cli.json) throw new Failed(line)
  complain(`berth: ${line}`)
  return answer(inside(operation), () => [], 1)
}
