import { scopeOf } from '../../model/variables.ts'
import { define } from '../command.ts'
import { changeOptions, changeVariables } from '../env.ts'
import { UsageError } from '../usage.ts'

export const command = define({
  summary: 'Change who sees variables, and leave their values',
  args: 'run|build|both NAME…',
  app: true,
  options: changeOptions,
  about:
    'run: the containers of the app. build: what makes its image, through secret mounts that leave nothing in it. A release is made only where a container notices.',
  examples: ['berth env scope both NEXT_PUBLIC_URL -a blog', 'berth env scope build NPM_TOKEN'],
  run(cli, { args: [raw = '', ...names], values }) {
    if (names.length === 0) throw new UsageError('name at least one variable', 'env scope')
    const scope = scopeOf(raw)
    return changeVariables(cli, { set: Object.fromEntries(names.map((name) => [name, { scope }])) }, values)
  },
})
