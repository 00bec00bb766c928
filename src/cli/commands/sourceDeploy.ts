import { define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'

export const command = define({
  summary: 'Fetch the repository of an app and deploy it',
  app: true,
  options: {
    ref: { type: 'string', value: 'REF', help: 'Another branch, tag or commit, only this time' },
    ...detachOption,
  },
  examples: ['berth source deploy -a blog', 'berth source deploy --ref v1.2 -a blog'],
  async run(cli, { values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const body = values.ref === undefined ? {} : { ref: values.ref }
    return await finish(cli, await client.call('deploySource', { params: { app }, body }), values)
  },
})
