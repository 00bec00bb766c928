import { define } from '../command.ts'
import { showLogs } from '../logs.ts'
import { countOf, countOption } from '../numbers.ts'

export const command = define({
  summary: 'Show what the instances of an app wrote',
  app: true,
  options: {
    follow: { type: 'boolean', short: 'f', help: 'Go on with new lines, until Ctrl-C' },
    ...countOption,
    process: { type: 'string', short: 'p', value: 'PROCESS', help: 'Only of this process' },
    instance: { type: 'string', short: 'i', value: 'ID', help: 'Only of this instance' },
  },
  examples: ['berth logs -a blog -f', 'berth logs -a blog -n 500 -p worker'],
  async run(cli, { values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const { process, instance, follow = false } = values
    const lines = countOf(values, 100)
    const only = { ...(process !== undefined && { process }), ...(instance !== undefined && { instance }) }
    const read = (signal: AbortSignal, count: number) =>
      client.stream('appLogs', { params: { app }, query: { ...only, follow, lines: count } }, signal)
    return await showLogs(read, { lines, follow, json: cli.json })
  },
})
