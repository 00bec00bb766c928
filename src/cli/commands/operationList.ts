import { answer, type Cli, define } from '../command.ts'
import { countOf, countOption } from '../numbers.ts'
import { operationTable } from '../operations.ts'
import { UsageError } from '../usage.ts'

export const command = define({
  summary: 'List operations, newest first: of an app, or all that you see',
  app: true,
  options: { ...countOption, all: { type: 'boolean', help: 'Of all apps, whichever folder this is' } },
  examples: ['berth operation list -a blog', 'berth operation list --all -n 100'],
  async run(cli, { values }) {
    const [client, app] = [await cli.client(), values.all ? undefined : await appHere(cli)]
    const query = { limit: countOf(values, 20) }
    const operations =
      app === undefined
        ? await client.call('listOperations', { query })
        : await client.call('listAppOperations', { params: { app }, query })
    return answer(operations, () => operationTable(operations))
  },
})

/** Outside of any app's folder the list is of all apps. */
async function appHere(cli: Cli): Promise<string | undefined> {
  try {
    return await cli.app()
  } catch (error) {
    if (error instanceof UsageError) return undefined
    throw error
  }
}
