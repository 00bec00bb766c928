import { answer, define } from '../command.ts'

export const command = define({
  summary: 'Fetch an app from nowhere any more',
  app: true,
  about: 'What runs stays. Its deploy key stays too, in case the source is set again.',
  examples: ['berth source remove -a blog'],
  async run(cli) {
    const [client, app] = [await cli.client(), await cli.app()]
    const done = await client.call('removeSource', { params: { app } })
    return answer(done, () => [`${app} has no source any more`])
  },
})
