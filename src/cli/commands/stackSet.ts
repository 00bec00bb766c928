import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Set the stack that the next build of an app starts from',
  args: 'NAME',
  app: true,
  about: 'It goes before build.stack in berth.yaml. What runs stays as it is.',
  examples: ['berth stack set trixie -a blog'],
  async run(cli, { args: [name = ''] }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const set = await client.call('setAppStack', { params: { app }, body: { stack: name } })
    return answer(set, () => [`the next build of ${app} starts from ${name}`])
  },
})
