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
import { complain, foreign, paint, say } from './print.ts'
import { Progress } from './progress.ts'
import { lasted } from './time.ts'

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
  const ended = await follow(cli, operation)
  if (ended.state !== 'succeeded') return failed(cli, ended, inside)
  const line = cli.json ? '' : await successLine(await cli.client(), ended)
  return answer(inside(ended), () => [line])
}

const same = (operation: Operation) => operation

const startedLine = ({ kind, app, id }: Operation) =>
  `${kind} of ${app} goes on as operation ${id}; follow it with: berth operation follow ${id}`

/** With --json the operation itself is the answer, and the progress goes aside. */
async function follow(cli: Cli, operation: Operation): Promise<Operation> {
  const client = await cli.client()
  const show = cli.json ? complain : say
  return await untilInterrupted(async (signal) => {
    try {
      using progress = new Progress(`${operation.kind} ${operation.app}`)
      await showLog(
        client,
        operation,
        (text) => {
          progress.clear()
          show(foreign(text))
        },
        signal,
      )
      return await ending(client, operation.id, signal)
    } catch (error) {
      if (!signal.aborted) throw error
      throw new Failed(`the operation goes on; follow it with: berth operation follow ${operation.id}`, 130)
    }
  })
}

/** Line by line until the end; a server that went away is asked again, for what was not shown yet. */
async function showLog(client: DirectClient, operation: Operation, show: (text: string) => void, signal: AbortSignal) {
  let shown = 0
  const pass = async () => {
    let skipped = 0
    const lines = client.stream(
      'operationLog',
      { params: { operation: operation.id }, query: { follow: 'true' } },
      signal,
    )
    for await (const { text } of lines) {
      if (skipped++ < shown) continue
      show(text)
      shown++
    }
  }
  await patiently(pass, signal)
}

async function ending(client: DirectClient, id: string, signal: AbortSignal): Promise<Operation> {
  const look = () => client.call('showOperation', { params: { operation: id }, query: { wait: '30' } }, signal)
  for (;;) {
    const operation = await patiently(look, signal)
    if (isOver(operation.state)) return operation
  }
}

async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
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

function failed(cli: Cli, operation: Operation, inside: (operation: Operation) => unknown): Answer {
  const reason = operation.error?.message ?? `the ${operation.kind} was ${operation.state}`
  if (!cli.json) throw new Failed(reason)
  complain(`berth: ${reason}`)
  return answer(inside(operation), () => [], 1)
}
