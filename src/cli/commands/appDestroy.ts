import { appName } from '../../model/names.ts'
import { define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'
import { ask, canAsk } from '../prompt.ts'

export const command = define({
  summary: 'Destroy an app with its releases, repository and logs',
  args: '[NAME]',
  app: true,
  options: {
    confirm: { type: 'string', value: 'NAME', help: 'The name again, for scripts; otherwise it is asked for' },
    ...detachOption,
  },
  examples: ['berth app destroy blog', 'berth app destroy blog --confirm blog'],
  async run(cli, { args: [name], values }) {
    const app = name === undefined ? await cli.app() : appName(name)
    const confirm =
      values.confirm ?? (canAsk() ? await ask(`This cannot be undone. To destroy ${app}, type its name`) : '')
    const client = await cli.client()
    const operation = await client.call('destroyApp', { params: { app }, body: { confirm } })
    return await finish(cli, operation, values)
  },
})
