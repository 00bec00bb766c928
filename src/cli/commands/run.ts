import { define } from '../command.ts'
import { finish } from '../follow.ts'

export const command = define({
  summary: 'Run a command in a throw-away container of the live release',
  args: 'COMMAND…',
  app: true,
  passthrough: 'arguments',
  options: {
    detach: { type: 'boolean', short: 'd', help: 'Do not attach; the output is the log of the operation' },
    'no-tty': { type: 'boolean', help: 'No terminal for the command, even from one' },
  },
  about: 'With a terminal, the command gets one too. Its exit code is that of berth.',
  examples: [
    'berth run -a blog -- bash',
    'berth run -a blog -- npm run migrate',
    'berth run -a blog -d -- ./nightly.sh',
  ],
  async run(cli, { args, values }) {
    const app = await cli.app()
    const command = [...args]
    if (!values.detach) return await attached(await cli.login(), app, command, values['no-tty'] !== true)
    const client = await cli.client()
    return await finish(cli, await client.call('createRun', { params: { app }, body: { command } }), { detach: true })
  },
})

async function attached(login: { url: string; token: string }, app: string, command: string[], terminal: boolean) {
  const { runAttached } = await import('../terminal.ts')
  return await runAttached(login, app, command, terminal)
}
