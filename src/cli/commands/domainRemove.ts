import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Let an app no longer answer to a host name',
  args: 'NAME',
  app: true,
  examples: ['berth domain remove blog.example.com -a blog'],
  async run(cli, { args: [domain = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const done = await client.call('removeDomain', { params: { app, domain } })
    return answer(done, () => [`${app} no longer answers at ${domain}`])
  },
})
