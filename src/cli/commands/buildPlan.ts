import { safeUwsgiOptions } from '../../model/definition/upaas/uwsgi.ts'
import { type Described, describeBuild } from '../../runtime/describe.ts'
import { filesFrom } from '../../runtime/files.ts'
import { runtimesIn } from '../../runtime/known.ts'
import { answer, define } from '../command.ts'
import { filesIn } from '../folderFiles.ts'
import { metadataIn } from '../metadataFile.ts'

export const command = define({
  summary: 'Show what a build would do, without building',
  args: '[FOLDER]',
  options: {
    metadata: {
      type: 'string',
      value: 'FILE',
      help: 'Metadata of uPaaS; without FOLDER, they fetch the code themselves',
    },
    interpreter: { type: 'string', value: 'VERSION', help: 'Of metadata: as if UPAAS_INTERPRETER_VERSION were this' },
    later: { type: 'boolean', help: 'Of metadata: a build on the package before, instead of a fresh one' },
  },
  about:
    'Needs no server: it looks at the files, and holds for the base image that Berth makes. Variables are named, not shown.\n' +
    'A build that would be refused says so; with a version that is not there, the rest is shown all the same.',
  examples: ['berth build plan', 'berth build plan --metadata redmine.yml', 'berth build plan ./site --json'],
  async run(cli, { args: [folder], values }) {
    const metadata = values.metadata === undefined ? undefined : await metadataIn(cli.cwd, values.metadata)
    const fetches = metadata !== undefined && folder === undefined
    const described = await describeBuild({
      files: fetches ? filesFrom({}) : await filesIn(folder ?? cli.cwd),
      ...(metadata !== undefined && { metadata }),
      known: runtimesIn(cli.env.BERTH_RUNTIMES_DIR ?? '/etc/berth/runtimes'),
      safeUwsgi: cli.env.BERTH_UWSGI_SAFE_OPTIONS?.split(/\s+/) ?? safeUwsgiOptions,
      later: values.later ?? false,
      ...(values.interpreter !== undefined && { version: values.interpreter }),
    })
    return answer(described, () => linesOf(described))
  },
})

function linesOf(plan: Described): string[] {
  const of = plan.suite ? ` (${plan.suite})` : ''
  const rows: [key: string, value: string][] = [
    ['recipe', plan.recipe],
    ['version', plan.version === null ? '' : `${plan.version}${of}`],
    ['packages', plan.packages.join(' ')],
    ['to run', plan.runningPackages.join(' ')],
    ['variables', plan.env.join(' ')],
    ['generated', plan.generated.join(' ')],
    ['required', plan.required.join(' ')],
  ]
  const steps = plan.steps.flatMap((step, index) => stepLines(step, index))
  const runs: [key: string, value: string][] = [
    ...plan.processes.map(({ name, command }): [string, string] => [
      name,
      command.join(' ') || "the image's own command",
    ]),
    ...(plan.releaseCommand.length > 0 ? [['release', plan.releaseCommand.join(' ')] as [string, string]] : []),
    ['health', `GET ${plan.health.path} on port ${plan.port}, within ${plan.health.deadlineMs / 1_000} s`],
    ...plan.uwsgi.map((line): [string, string] => ['uwsgi', line]),
  ]
  return [
    ...laidOut(rows),
    ...steps,
    ...laidOut(runs),
    ...plan.warnings.map((warning) => `!  ${warning}`),
    ...(plan.problem ? [`!  a build would be refused: ${plan.problem}`] : []),
  ]
}

const laidOut = (rows: readonly [key: string, value: string][]) =>
  rows.filter(([, value]) => value !== '').map(([key, value]) => `${key.padEnd(9)} ${value}`)

function stepLines({ title, commands, env, folder }: Described['steps'][number], index: number): string[] {
  const head = `step ${String(index + 1).padEnd(4)} ${title}${folder ? ` (in ${folder})` : ''}`
  const inner = commands.flatMap((command) => command.trimEnd().split('\n'))
  return [
    head,
    ...inner.map((line) => `            ${line}`),
    ...(env.length > 0 ? [`            with ${env.join(' ')}`] : []),
  ]
}
