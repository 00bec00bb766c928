import { setTimeout as sleep } from 'node:timers/promises'
import { isOver } from '../../model/operation.ts'
import type { OperationLogs } from '../logs/operationLogs.ts'
import type { OperationRow } from '../store/access.ts'
import { operationById } from '../store/operations.ts'
import type { Store } from '../store/store.ts'
import { changes } from './changes.ts'
import type { Terminal } from './terminal.ts'

export type Following = { readonly store: Store; readonly logs: Pick<OperationLogs, 'follow'> }

/** How long the last lines of a log may come after the end of its operation. */
const lastLinesMs = 1_000

/** Shows the operation's log until it is over; undefined when the signal came first. */
export async function followDeploy(id: string, terminal: Terminal, { store, logs }: Following, signal: AbortSignal) {
  const enough = new AbortController()
  const printing = print(logs.follow(id, AbortSignal.any([signal, enough.signal])), terminal)
  const operation = await untilOver(store, id, signal)
  if (operation)
    await Promise.race([printing, sleep(lastLinesMs, undefined, { signal: enough.signal }).catch(() => undefined)])
  enough.abort()
  await printing
  return operation
}

async function print(lines: AsyncIterable<string>, terminal: Terminal) {
  for await (const line of lines) terminal.line(line)
}

async function untilOver(store: Store, id: string, signal: AbortSignal): Promise<OperationRow | undefined> {
  for await (const _ of changes(store, 'operations', signal)) {
    const operation = await store.read((tx) => operationById(tx, id))
    if (!operation || isOver(operation.state)) return operation
  }
  return undefined
}
