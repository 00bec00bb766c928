import type { z } from 'zod'
import type { DirectClient } from '../../client/direct.ts'
import type { App } from '../../contract/apps.ts'
import { refuse } from '../../model/refusal.ts'
import { namedProject } from '../../runtime/project.ts'
import { answer, define } from '../command.ts'
import { firstCommit, mustBeEmpty } from '../firstCommit.ts'
import { metadataIn } from '../metadataFile.ts'
import { addRemote, isWorkTree, remoteName, remoteUrl } from '../remote.ts'
import { UsageError } from '../usage.ts'

export const command = define({
  summary: 'Create an app',
  args: 'NAME',
  options: {
    team: { type: 'string', value: 'TEAM', help: 'The team that owns it (default: your only one)' },
    'no-remote': { type: 'boolean', help: 'Do not add the git remote "berth" to this folder' },
    runtime: {
      type: 'string',
      value: 'NAME',
      help: 'A language of "berth runtime list"; without it, the files decide',
    },
    init: { type: 'boolean', help: 'Write a first commit of that language into this empty folder' },
    stack: {
      type: 'string',
      value: 'NAME',
      help: 'What its builds start from (default: as berth.yaml or the operator says)',
    },
    metadata: { type: 'string', value: 'FILE', help: 'Metadata of uPaaS that say how it is fetched, built and run' },
  },
  about: 'In a git repository, the git remote "berth" is added, so that "git push berth main" deploys.',
  examples: [
    'berth app create blog',
    'berth app create blog --runtime ruby --init',
    'berth app create blog --team staff --json',
  ],
  async run(cli, { args: [name = ''], values }) {
    const metadata = values.metadata === undefined ? undefined : await metadataIn(cli.cwd, values.metadata)
    if (values.init) await mayInit(cli.cwd, values.runtime)
    const client = await cli.client()
    const runtime = values.runtime === undefined ? undefined : await knownRuntime(client, values.runtime)
    const project = values.init ? projectOf(runtime, name) : undefined
    const given = {
      ...(values.team !== undefined && { team: values.team }),
      ...(metadata !== undefined && { metadata }),
      ...(values.stack !== undefined && { stack: values.stack }),
    }
    const app = await client.call('createApp', { body: { name, ...given } })
    if (project) await firstCommit(cli.cwd, project, `First commit of ${app.name}`)
    const hint = values['no-remote'] || metadata !== undefined ? byHand(app) : await remember(app, cli.cwd)
    const notes = runtime && !project ? [pinning(runtime.name)] : []
    const way =
      metadata === undefined ? hint : `deploy what its metadata fetch with: berth deploy --metadata -a ${app.name}`
    return answer(app, () => [`${app.name} is created; it will answer at ${app.url}`, ...notes, way])
  },
})

async function mayInit(folder: string, runtime: string | undefined): Promise<void> {
  if (runtime === undefined) throw new UsageError('which language? Say --runtime NAME with --init', 'app create')
  await mustBeEmpty(folder)
}

const knownRuntime = (client: DirectClient, name: string) => client.call('showRuntime', { params: { runtime: name } })

type Known = Awaited<ReturnType<typeof knownRuntime>>

function projectOf(runtime: Known | undefined, app: string): Readonly<Record<string, string>> {
  const files = Object.entries(runtime?.project ?? {})
  if (files.length === 0) refuse('INVALID', '--init', `the runtime ${runtime?.name} brings no first commit`)
  return namedProject(Object.fromEntries(files), app)
}

/** The repository says it, so that every clone of it is built alike. */
const pinning = (name: string) =>
  `its files decide what builds it; to have ${name} in any case, say in berth.yaml: build: { runtime: ${name} }`

type Created = z.output<typeof App>

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
