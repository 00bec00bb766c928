import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Let an app answer to a host name',
  args: 'NAME',
  app: true,
  options: { 'no-verify': { type: 'boolean', help: 'Skip the proof that it is yours (operators)' } },
  examples: ['berth domain add blog.example.com -a blog', "berth domain add '*.example.com' -a blog"],
  async run(cli, { args: [name = ''], values }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const verify = !values['no-verify']
    const domain = await client.call('addDomain', { params: { app }, body: { name, verify } })
    return answer(domain, () => [`${app} answers at ${domain.name} too`])
  },
})
