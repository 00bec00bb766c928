import type { z } from 'zod'
import type { App } from '../../contract/apps.ts'
import { refuse } from '../../model/refusal.ts'
import { answer, define } from '../command.ts'
import { addRemote, isWorkTree, remoteName, remoteUrl } from '../remote.ts'

export const command = define({
  summary: 'Create an app',
  args: 'NAME',
  options: {
    team: { type: 'string', value: 'TEAM', help: 'The team that owns it (default: your only one)' },
    'no-remote': { type: 'boolean', help: 'Do not add the git remote "berth" to this folder' },
    runtime: { type: 'string', value: 'NAME', help: 'Not yet: the runtime is found by the files of the app' },
    metadata: { type: 'string', value: 'FILE', help: 'Not yet: use berth.yaml in the repository' },
  },
  about: 'In a git repository, the git remote "berth" is added, so that "git push berth main" deploys.',
  examples: ['berth app create blog', 'berth app create blog --team staff --json'],
  async run(cli, { args: [name = ''], values }) {
    if (values.runtime !== undefined || values.metadata !== undefined) notYet()
    const client = await cli.client()
    const body = { name, ...(values.team !== undefined && { team: values.team }) }
    const app = await client.call('createApp', { body })
    const hint = values['no-remote'] ? byHand(app) : await remember(app, cli.cwd)
    return answer(app, () => [`${app.name} is created; it will answer at ${app.url}`, hint])
  },
})

type Created = z.output<typeof App>

function notYet(): never {
  return refuse(
    'INVALID',
    '--runtime and --metadata',
    'not available yet; declare them in berth.yaml in the repository',
  )
}

async function remember(app: Created, folder: string): Promise<string> {
  if (!(await isWorkTree(folder))) return byHand(app)
  const known = await remoteUrl(folder)
  if (known === app.git.ssh) return 'deploy it with: git push berth main'
  if (known !== undefined)
    return `this folder's git remote "${remoteName}" stays ${known}; push with: git push ${app.git.ssh} main`
  const added = await addRemote(folder, app.git.ssh)
  return added ? 'git remote "berth" added; deploy with: git push berth main' : byHand(app)
}

const byHand = (app: Created) => `deploy with: git push ${app.git.ssh} main, or: berth deploy FOLDER -a ${app.name}`
