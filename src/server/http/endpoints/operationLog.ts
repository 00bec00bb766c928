import { setTimeout as sleep } from 'node:timers/promises'
import { operationLog } from '../../../contract/operations.ts'
import { isOver } from '../../../model/operation.ts'
import type { OperationRow } from '../../store/access.ts'
import { authorizedOperation } from '../authorized.ts'
import type { ApiContext } from '../context.ts'
import { eachOf } from '../eachOf.ts'
import { handleLines } from '../handle.ts'
import { untilOver } from '../untilOver.ts'

export const route = handleLines(operationLog, async (ctx, call) => {
  const row = await ctx.store.read((tx) => authorizedOperation(tx, call))
  const follows = call.query.follow && !isOver(row.state)
  return texts(follows ? follow(ctx, row, call.signal) : eachOf(await ctx.operationLogs.read(row.id)))
})

/** The last words are written just before and just after the operation is over. */
const lastWordsMs = 1_000

/** Ends with the log, and soon after the operation: one that never started has no log to end. */
async function* follow(ctx: ApiContext, row: OperationRow, gone: AbortSignal): AsyncGenerator<string> {
  const over = new AbortController()
  const watch = untilOver(ctx.store, row, AbortSignal.any([gone, over.signal]))
    .then(() => sleep(lastWordsMs, undefined, { signal: over.signal, ref: false }))
    .finally(() => over.abort())
  watch.catch(() => undefined)
  try {
    yield* ctx.operationLogs.follow(row.id, AbortSignal.any([gone, over.signal]))
  } finally {
    over.abort()
  }
}

async function* texts(lines: AsyncIterable<string>) {
  for await (const text of lines) yield { text }
}
