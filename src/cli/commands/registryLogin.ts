import { answer, define } from '../command.ts'
import { askSecret, canAsk, readStdin } from '../prompt.ts'
import { teamOf } from '../teams.ts'
import { UsageError } from '../usage.ts'

export const command = define({
  summary: 'Keep the credentials of a registry, for the images of a team',
  args: 'SERVER',
  options: {
    user: { type: 'string', short: 'u', value: 'USER', help: 'The name there' },
    team: { type: 'string', value: 'TEAM', help: 'Whose (default: your only one)' },
    'for-app': { type: 'string', value: 'APP', help: 'Only for this app of the team' },
  },
  about: 'The password or token is asked for, or read from standard input; it is kept sealed and never shown again.',
  examples: [
    'berth registry login ghcr.io -u ada',
    'berth registry login registry.example.com -u bot --team staff < token',
  ],
  async run(cli, { args: [server = ''], values }) {
    if (values.user === undefined) throw new UsageError('--user is missing', 'registry login')
    const client = await cli.client()
    const team = await teamOf(client, values.team)
    const password = canAsk() ? await askSecret('Password') : (await readStdin()).trim()
    const app = values['for-app'] === undefined ? {} : { app: values['for-app'] }
    const body = { server, username: values.user, password, ...app }
    const registry = await client.call('addRegistry', { params: { team }, body })
    return answer(registry, () => [`${registry.username} at ${registry.server} is kept for ${registry.app ?? team}`])
  },
})
