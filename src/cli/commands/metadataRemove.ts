import { answer, define } from '../command.ts'

export const command = define({
  summary: "Take an app's metadata of uPaaS away",
  app: true,
  about: 'The files of the repository say how it is built from now on.',
  examples: ['berth metadata remove -a blog'],
  async run(cli) {
    const [client, app] = [await cli.client(), await cli.app()]
    const done = await client.call('setMetadata', { params: { app }, body: { text: null } })
    return answer(done, () => [`${app} has no metadata any more`])
  },
})
