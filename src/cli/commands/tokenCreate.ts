import { answer, define } from '../command.ts'
import { wholeNumber } from '../numbers.ts'
import { UsageError } from '../usage.ts'

export const command = define({
  summary: 'Make a token, for scripts and for git over HTTP',
  args: '[NAME]',
  options: {
    name: { type: 'string', value: 'NAME', help: 'How to call it' },
    days: { type: 'string', value: 'N', help: 'How many days it is good for (default: no end)' },
    quiet: { type: 'boolean', short: 'q', help: 'Print the token alone' },
  },
  about: 'It is shown this once and never again. Git over HTTP takes it as the password, with any user name.',
  examples: ['berth token create ci', 'BERTH_TOKEN=$(berth token create --name ci --days 30 --quiet)'],
  async run(cli, { args: [first], values }) {
    const name = values.name ?? first
    if (name === undefined) throw new UsageError('NAME is missing', 'token create')
    const days = values.days === undefined ? {} : { expiresInDays: wholeNumber('--days', values.days) }
    const client = await cli.client()
    const created = await client.call('createToken', { body: { name, ...days } })
    return answer(created, () => (values.quiet ? [created.token] : [created.token, 'Keep it: it is not shown again.']))
  },
})
