import { hostFolder } from '../../lib/hostSettings.ts'
import { appHome, revisionParts } from '../../model/definition/upaas/metadata.ts'
import type { MetadataPlan } from '../../runtime/metadataPlan.ts'
import type { MetadataStep } from '../../runtime/metadataSteps.ts'

/** Where a step finds its script and what it needs, in its own /dev: no part of any layer. */
export const scriptPath = '/dev/berth-step'
export const dataPath = '/dev/berth-data'

/** What an image says of itself, for the build after it. */
export const keptFolder = '/var/lib/berth'
export const revisionFolder = `${keptFolder}/revision`

export const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

/** Shows a command by its first line, as uPaaS did, and ends the step with the first one that fails. */
const runner = [
  'berth_run() {',
  `  printf '$ %s\\n' "$(printf '%s\\n' "$1" | head -n 1)"`,
  '  /bin/sh -c "$1" || exit $?',
  '}',
]

/** What root made belongs to the app. */
const owned = `test ! -d ${appHome} || find ${appHome} \\( ! -uid 1000 -o ! -gid 1000 \\) -exec chown -h 1000:1000 {} +`

const shell = (lines: readonly string[]) => `${lines.join('\n')}\n`

type Around = {
  /** The build has variables, in their file. */
  readonly hasEnv: boolean
  /** Variables of `repository.env` that the app has set itself. */
  readonly replaced: readonly string[]
  readonly caches: Readonly<Record<string, string>>
}

/** The script of a step; the files and the tree have their own. */
export function scriptOf(plan: MetadataPlan, step: MetadataStep, around: Around): string {
  if (step.name === 'tree') return shell(treeScript)
  if (step.name === 'files') return shell([...filesScript(plan), owned])
  const before = [...variables(plan, step, around), `cd ${quoted(step.folder)}`]
  if (step.name === 'revision') return shell([...before, ...revisionScript(plan)])
  const commands = step.commands.map((command) => `berth_run ${quoted(command)}`)
  return shell([...runner, ...before, ...commands, owned])
}

/** git, as root, would not touch files of the app's user. */
const trustGit = ['COUNT=1', 'KEY_0=safe.directory', "VALUE_0='*'"].map((rest) => `export GIT_CONFIG_${rest}`)

function variables({ env }: MetadataPlan, step: MetadataStep, around: Around): string[] {
  const own = [...trustGit, ...Object.entries(step.env).map(([name, value]) => `export ${name}=${quoted(value)}`)]
  const caches = Object.entries(around.caches).map(([name, folder]) => `export ${name}=${quoted(folder)}`)
  if (step.sees === 'app') return [...own, ...caches, ...(around.hasEnv ? [`. ${hostFolder}/env`] : [])]
  if (step.sees === 'system') return own
  const others = Object.keys(env).filter((name) => name !== 'PATH')
  const replaced = around.replaced.map((name) => `${name}="$(. ${hostFolder}/env; printf %s "$${name}")"`)
  return [...others.map((name) => `unset ${name}`), ...own, ...replaced]
}

function filesScript({ metadata }: MetadataPlan): string[] {
  return Object.keys(metadata.files).map(
    (path, index) => `install -D -m 0644 ${dataPath}/${index} ${quoted(path)} || exit $?`,
  )
}

/** Removes what an earlier tree had and this one has not, before this one is laid over it. */
const treeScript = [
  `cd ${appHome} 2>/dev/null || mkdir -p ${appHome} && cd ${appHome} || exit $?`,
  `if [ -f ${keptFolder}/tree ]; then`,
  `  LC_ALL=C comm -23 ${keptFolder}/tree ${dataPath} | while IFS= read -r path; do`,
  '    rm -f -- "$path"',
  '    rmdir -p --ignore-fail-on-non-empty -- "$(dirname -- "$path")" 2>/dev/null || :',
  '  done',
  'fi',
  `install -D -m 0644 ${dataPath} ${keptFolder}/tree`,
]

/** The way in which each version control says what there is; none of it is needed for a build to succeed. */
const ways: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  git: {
    id: 'git rev-parse HEAD',
    author: "git log -1 --format='%aN <%aE>'",
    date: 'git log -1 --format=%aI',
    description: 'git log -1 --format=%B',
    changelog: "git log --no-merges --format='%h %s' %old%..%new%",
  },
  svn: {
    id: 'svn info --show-item last-changed-revision',
    author: 'svn info --show-item last-changed-author',
    date: 'svn info --show-item last-changed-date',
    description: 'svn log -l 1 -r COMMITTED --incremental | tail -n +4',
    changelog: 'svn log -r %new%:%old%',
  },
  bzr: {
    id: 'bzr revno',
    author: "bzr log -l 1 | sed -n 's/^committer: //p'",
    date: "bzr version-info --custom --template='{date}'",
    description: "bzr log -l 1 | sed '1,/^message:/d'",
    changelog: 'bzr log -r %old%..%new% --line',
  },
  hg: {
    id: 'hg id -i',
    author: "hg log -r . --template '{author}'",
    date: "hg log -r . --template '{date|isodate}'",
    description: "hg log -r . --template '{desc}'",
    changelog: "hg log -r %old%:%new% --template '{node|short} {desc|firstline}\\n'",
  },
  none: { id: 'date -r . +%s', date: 'date -r . --iso-8601=seconds' },
}

function revisionScript({ metadata }: MetadataPlan): string[] {
  const { revision } = metadata.repository
  const part = (name: string, command: string) => [`  if [ ${name} = "$part" ]; then command=${quoted(command)}; fi`]
  const ofWay = Object.entries(ways).flatMap(([way, commands]) => [
    `  if [ "$way" = ${way} ]; then`,
    ...Object.entries(commands).flatMap(([name, command]) => part(name, command)),
    '  fi',
  ])
  return [
    `mkdir -p ${revisionFolder}`,
    `old=$(cat ${revisionFolder}/id 2>/dev/null | tr -cd 'A-Za-z0-9._:+-')`,
    'way=none',
    'for known in git svn bzr hg; do if [ -e ".$known" ]; then way=$known; break; fi; done',
    `for part in ${revisionParts.join(' ')}; do`,
    '  command=',
    ...ofWay,
    ...Object.entries(revision).flatMap(([name, command]) => part(name, command)),
    `  : > ${revisionFolder}/$part.new`,
    '  if [ -z "$command" ]; then continue; fi',
    '  if [ "$part" = changelog ]; then',
    `    new=$(head -n 1 ${revisionFolder}/id.new | tr -cd 'A-Za-z0-9._:+-')`,
    '    if [ -z "$old" ] || [ "$old" = "$new" ]; then continue; fi',
    '    command=$(printf %s "$command" | sed "s/%old%/$old/g; s/%new%/$new/g")',
    '  fi',
    `  /bin/sh -c "$command" > ${revisionFolder}/$part.new || echo "the $part of the revision is not known: $command failed"`,
    'done',
    `for part in ${revisionParts.join(' ')}; do head -c 65536 ${revisionFolder}/$part.new > ${revisionFolder}/$part; rm ${revisionFolder}/$part.new; done`,
    `head -n 1 ${revisionFolder}/id`,
  ]
}
