import { define } from '../command.ts'
import { changeOptions, changeVariables } from '../env.ts'

export const command = define({
  summary: 'Unset variables of an app: one new release',
  args: 'NAME…',
  app: true,
  options: changeOptions,
  examples: ['berth env unset GREETING COLOUR -a blog'],
  run: (cli, { args, values }) => changeVariables(cli, { unset: [...args] }, values),
})
