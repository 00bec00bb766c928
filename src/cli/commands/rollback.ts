import { define } from '../command.ts'
import { detachOption, finish } from '../follow.ts'
import { releaseNumber } from '../numbers.ts'

export const command = define({
  summary: 'Release again what an earlier release ran',
  args: '[vN]',
  app: true,
  options: detachOption,
  about: 'Without a release named, the one that served before the live one. It becomes a new release.',
  examples: ['berth rollback -a blog', 'berth rollback v12 -a blog'],
  async run(cli, { args: [version], values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const body = version === undefined ? {} : { to: releaseNumber(version) }
    return await finish(cli, await client.call('rollback', { params: { app }, body }), values)
  },
})
