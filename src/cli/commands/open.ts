import { openBrowser } from '../browser.ts'
import { answer, define } from '../command.ts'

export const command = define({
  summary: "Print an app's URL, and open it where there is a browser",
  app: true,
  examples: ['berth open -a blog'],
  async run(cli) {
    const [client, app] = [await cli.client(), await cli.app()]
    const shown = await client.call('showApp', { params: { app } })
    if (!cli.json) openBrowser(shown.url, cli.env)
    return answer(shown, () => [shown.url])
  },
})
