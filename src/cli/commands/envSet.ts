import { assignments } from '../assignments.ts'
import { define } from '../command.ts'
import { changeOptions, changeVariables } from '../env.ts'

export const command = define({
  summary: 'Set variables of an app: one new release',
  args: 'NAME=VALUE…',
  app: true,
  options: {
    secret: { type: 'boolean', help: 'Values that can never be read again' },
    ...changeOptions,
  },
  about:
    'NAME=- reads the value from standard input, NAME=@FILE from a file, so that it stays out of the shell history.',
  examples: [
    'berth env set GREETING=hello COLOUR=blue -a blog',
    'pwgen 40 1 | berth env set SECRET_KEY=- --secret',
    'berth env set TLS_KEY=@key.pem --secret --stage',
  ],
  async run(cli, { args, values }) {
    const { secret = false } = values
    const given = await assignments(args, 'env set')
    const set = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value, secret }]))
    return await changeVariables(cli, { set }, values)
  },
})
