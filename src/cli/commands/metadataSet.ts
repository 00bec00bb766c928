import { answer, define } from '../command.ts'
import { metadataIn } from '../metadataFile.ts'

export const command = define({
  summary: 'Give an app metadata of uPaaS',
  args: 'FILE',
  app: true,
  about: 'They say how the app is built from now on. What runs stays as it is until the next deploy.',
  examples: ['berth metadata set redmine.yml -a redmine'],
  async run(cli, { args: [file = ''] }) {
    const text = await metadataIn(cli.cwd, file)
    const [client, app] = [await cli.client(), await cli.app()]
    const set = await client.call('setMetadata', { params: { app }, body: { text } })
    const next = `${app} has this metadata; deploy what it fetches with: berth deploy --metadata -a ${app}`
    return answer(set, () => [...set.warnings.map((warning) => `!  ${warning}`), next])
  },
})
