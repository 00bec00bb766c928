import { appLogs } from '../../../contract/logs.ts'
import { authorizedApp } from '../authorized.ts'
import { eachOf } from '../eachOf.ts'
import { handleLines } from '../handle.ts'

export const route = handleLines(appLogs, async (ctx, call) => {
  const { name } = await ctx.store.read((tx) => authorizedApp(tx, call))
  const { lines, process, instance, follow } = call.query
  const query = { app: name, lines, ...(process && { process }), ...(instance && { instance }) }
  return follow ? ctx.appLogs.follow(query, call.signal) : eachOf(await ctx.appLogs.tail(query))
})
