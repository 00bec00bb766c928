import { answer, define } from '../command.ts'

export const command = define({
  summary: "Leave the stack of an app to its repository, or to the operator's default",
  app: true,
  examples: ['berth stack unset -a blog'],
  async run(cli) {
    const [client, app] = [await cli.client(), await cli.app()]
    const set = await client.call('setAppStack', { params: { app }, body: { stack: null } })
    return answer(set, () => [`the next build of ${app} starts from what its berth.yaml says, or the default`])
  },
})
