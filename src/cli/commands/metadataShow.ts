import { answer, define } from '../command.ts'

export const command = define({
  summary: "Show an app's metadata of uPaaS",
  app: true,
  examples: ['berth metadata show -a blog > upaas.yml'],
  async run(cli) {
    const [client, app] = [await cli.client(), await cli.app()]
    const found = await client.call('showMetadata', { params: { app } })
    return answer(found, () => (found.text === null ? [`${app} has no metadata`] : found.text.trimEnd().split('\n')))
  },
})
