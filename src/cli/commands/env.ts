import { answer, define } from '../command.ts'
import { table } from '../table.ts'
import { when } from '../time.ts'

const seenBy = { run: 'run', build: 'build', both: 'run, build' } as const

export const command = define({
  summary: "Show an app's variables",
  app: true,
  options: { values: { type: 'boolean', help: 'Show values, but those of secrets; this is noted in the events' } },
  examples: ['berth env -a blog', 'berth env --values'],
  async run(cli, { values: { values = false } }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const variables = await client.call('listEnv', { params: { app }, query: { values } })
    return answer(variables, () =>
      table(
        ['NAME', 'CHANGED', 'SEEN BY', ...(values ? ['VALUE'] : ['KIND'])],
        variables.map(({ name, value, secret, scope, updatedAt }) => [
          name,
          when(updatedAt),
          seenBy[scope],
          values ? (value ?? '(secret)') : secret ? 'secret' : 'plain',
        ]),
        'no variables; set one with: berth env set NAME=value',
      ),
    )
  },
})
