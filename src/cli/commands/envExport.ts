import { answer, define } from '../command.ts'
import { formatDotenv } from '../dotenv.ts'
import { complain } from '../print.ts'

export const command = define({
  summary: 'Print variables as NAME=value lines, to import elsewhere',
  app: true,
  about: 'Secrets cannot be read again; they are named on standard error.',
  examples: ['berth env export -a blog > blog.env'],
  async run(cli) {
    const [client, app] = [await cli.client(), await cli.app()]
    const variables = await client.call('listEnv', { params: { app }, query: { values: true } })
    const secrets = variables.filter(({ value }) => value === null).map(({ name }) => name)
    if (secrets.length > 0) complain(`left out, for they are secret: ${secrets.join(', ')}`)
    const readable = variables.flatMap(({ name, value, scope }) =>
      value === null ? [] : [[name, { value, scope }] as const],
    )
    return answer(variables, () => formatDotenv(Object.fromEntries(readable)))
  },
})
