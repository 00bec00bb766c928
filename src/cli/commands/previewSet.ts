import { answer, define } from '../command.ts'
import { oneOf, wholeNumber } from '../numbers.ts'
import { expireOption, idleOf, ruleLines } from '../previews.ts'

export const command = define({
  summary: 'Say for what an app gets previews, or show it',
  app: true,
  options: {
    branches: {
      type: 'string',
      value: 'GLOB,…',
      help: 'Pushed branches ("*" for all, "!x*" for not those, "" for none)',
    },
    pulls: { type: 'string', value: 'yes|no', help: 'Pull requests that a webhook tells of' },
    most: { type: 'string', value: 'N', help: 'How many at once' },
    secrets: {
      type: 'string',
      value: 'yes|no',
      help: 'With the secrets of the app; never those from other repositories',
    },
    ...expireOption,
  },
  about:
    'Previews are off until this is said. A pull request from another repository is not built until an admin approves it.\n' +
    'What counts for --expire is the last deploy.',
  examples: ['berth preview set --pulls yes -a blog', 'berth preview set --branches "feature/*" --expire 3d --most 10'],
  async run(cli, { values: { branches, pulls, most, secrets, expire } }) {
    const [client, app] = [await cli.client(), await cli.app()]
    const yes = (name: string, text: string) => oneOf(name, text, ['yes', 'no']) === 'yes'
    const body = {
      ...(branches !== undefined && { branches: branches.split(',').filter((glob) => glob.trim() !== '') }),
      ...(pulls !== undefined && { pulls: yes('--pulls', pulls) }),
      ...(most !== undefined && { most: wholeNumber('--most', most) }),
      ...(secrets !== undefined && { secrets: yes('--secrets', secrets) }),
      ...idleOf(expire),
    }
    const params = { app }
    const nothing = Object.keys(body).length === 0
    const rules = nothing
      ? await client.call('showPreviewRules', { params })
      : await client.call('setPreviewRules', { params, body })
    return answer(rules, () => ruleLines(rules))
  },
})
