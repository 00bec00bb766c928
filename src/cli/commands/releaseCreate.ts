import { define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'
import { buildNumber, releaseNumber } from '../numbers.ts'
import { UsageError } from '../usage.ts'

export const command = define({
  summary: 'Release a kept build',
  app: true,
  options: {
    build: { type: 'string', short: 'b', value: 'bN', help: 'The build; berth build list shows which are kept' },
    'env-from': { type: 'string', value: 'vN', help: 'With the variables of this release, instead of those of now' },
    ...detachOption,
  },
  examples: ['berth release create -a blog --build b3', 'berth release create -a blog --build b3 --env-from v7'],
  async run(cli, { values }) {
    const { build, 'env-from': from } = values
    if (build === undefined) throw new UsageError('which build? Say --build bN')
    const [client, app] = [await cli.client(), await cli.app()]
    const body = { build: buildNumber(build), ...(from !== undefined && { envFrom: releaseNumber(from) }) }
    return await finish(cli, await client.call('createRelease', { params: { app }, body }), values)
  },
})
