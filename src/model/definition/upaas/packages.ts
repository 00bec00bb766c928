import type { OsPackages } from './metadata.ts'

/** What the base image is made of. */
export type Distribution = {
  readonly name: string
  readonly version: string
  /** Code name of the release. */
  readonly suite: string
}

export const debianReleases: Readonly<Record<string, string>> = { bookworm: '12', trixie: '13' }

/** The distribution of a suite; the newest that Berth knows where that is not said. */
export const debian = (suite = 'bookworm'): Distribution => ({
  name: 'Debian',
  version: debianReleases[suite] ?? '',
  suite,
})

type Chosen = { readonly packages: readonly string[]; readonly warnings: readonly string[] }

/** The packages for a distribution: those for all of its releases, then those for this one; under their present names. */
export function packagesFor(os: readonly OsPackages[], distribution: Distribution): Chosen {
  const own = os.filter((entry) => entry.distribution.toLowerCase() === distribution.name.toLowerCase())
  const fitting = own.filter(({ version }) => version === undefined || isRelease(version, distribution))
  const named = [...new Set(fitting.flatMap(({ packages }) => packages))]
  const renamed = named.map((name) => ({ name, now: presentName(name) }))
  const changed = renamed.filter(({ name, now }) => name !== now)
  return {
    packages: [...new Set(renamed.flatMap(({ now }) => (now === undefined ? [] : [now])))],
    warnings: [
      ...(own.length === 0 && os.length > 0
        ? [`its packages are for ${distributionsOf(os)}; none of them is installed`]
        : []),
      ...changed.map(({ name, now }) =>
        now
          ? `the package ${name} is called ${now} now`
          : `the package ${name} is gone from ${distribution.name}, and is left out`,
      ),
    ],
  }
}

const distributionsOf = (os: readonly OsPackages[]) =>
  [...new Set(os.map(({ distribution }) => distribution))].join(', ')

const isRelease = (version: string, { version: number, suite }: Distribution) =>
  version.toLowerCase() === suite || version === number || version.startsWith(`${number}.`)

/** Names of the time of uPaaS, whose packages went on under another one. */
const renames: Readonly<Record<string, string>> = {
  'git-core': 'git',
  mercurial: 'mercurial',
  bzr: 'brz',
  'libmysqlclient-dev': 'default-libmysqlclient-dev',
  'libmysqlclient15-dev': 'default-libmysqlclient-dev',
  'mysql-client': 'default-mysql-client',
  'python-dev': 'python3-dev',
  'python-pip': 'python3-pip',
  'python-virtualenv': 'python3-virtualenv',
  'libreadline6-dev': 'libreadline-dev',
  'libpng12-dev': 'libpng-dev',
  'libjpeg62-dev': 'libjpeg-dev',
  'libssl0.9.8': 'libssl-dev',
  'php5-mysqlnd': 'php-mysql',
}

/** Parts of PHP that are no more. */
const gone = new Set(['php5-mcrypt', 'php5-mysqli', 'php5-suhosin', 'php5-apc', 'php5-xcache'])

function presentName(name: string): string | undefined {
  if (gone.has(name)) return undefined
  return Object.hasOwn(renames, name) ? renames[name] : name.replace(/^php5(?=-|$)/, 'php')
}
