import { assignments } from '../assignments.ts'
import { define } from '../command.ts'
import { changeOptions, changeVariables, scopeAsked, scopeOptions } from '../env.ts'

export const command = define({
  summary: 'Set variables of an app: one new release',
  args: 'NAME=VALUE…',
  app: true,
  options: {
    secret: { type: 'boolean', help: 'Values that can never be read again' },
    ...scopeOptions,
    ...changeOptions,
  },
  about:
    'NAME=- reads the value from standard input, NAME=@FILE from a file, so that it stays out of the shell history. Who sees a variable that is there stays as it is unless said.',
  examples: [
    'berth env set GREETING=hello COLOUR=blue -a blog',
    'pwgen 40 1 | berth env set SECRET_KEY=- --secret',
    'berth env set TLS_KEY=@key.pem --secret --stage',
    'berth env set --build --secret NPM_TOKEN=-',
  ],
  async run(cli, { args, values }) {
    const { secret = false } = values
    const scope = scopeAsked(values, 'env set')
    const given = await assignments(args, 'env set')
    const set = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value, secret, scope }]))
    return await changeVariables(cli, { set }, values)
  },
})
