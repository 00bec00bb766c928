import { stackLog } from '../../../contract/stacks.ts'
import { wordFor } from '../../../stack/state.ts'
import { onPlatform } from '../authorized.ts'
import { eachOf } from '../eachOf.ts'
import { handleLines } from '../handle.ts'
import { wantedStack } from '../wantedStack.ts'

export const route = handleLines(stackLog, async (ctx, call) => {
  onPlatform(call, `stack ${call.params.stack}`)
  const { state } = await wantedStack(ctx, call.params.stack)
  const id = state.progress?.log
  if (!id) return texts(eachOf([]))
  const goesOn = ['waiting', 'making'].includes(wordFor(state))
  const lines =
    call.query.follow && goesOn ? ctx.operationLogs.follow(id, call.signal) : eachOf(await ctx.operationLogs.read(id))
  return texts(lines)
})

async function* texts(lines: AsyncIterable<string>) {
  for await (const text of lines) yield { text }
}
