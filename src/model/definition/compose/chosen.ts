import type { BuildDefinition, Definition } from '../declared.ts'
import { failAt } from '../place.ts'
import { metadataFileNames } from '../upaas/names.ts'
import { placeOf, type Warnings } from '../warnings.ts'
import { readCompose } from './compose.ts'
import { readEnvFile } from './envFile.ts'
import type { Lookup } from './values.ts'

/** In the order in which Compose looks for them. */
export const composeFileNames = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'] as const

/** Files beside which a compose file is taken to be for development: they say what the app is. */
const owners = ['berth.yaml', 'Procfile', 'app.json', ...metadataFileNames]

/** What the compose file says that berth.yaml names, or the one at the root of a repository that has no other definition. */
export function composeOf(lookup: Lookup, build: BuildDefinition | undefined, warnings: Warnings): Partial<Definition> {
  const file = build?.compose ?? composeFileNames.find((name) => lookup(name) !== undefined)
  if (file === undefined) return {}
  const owner = build?.compose ? undefined : owners.find((name) => lookup(name) !== undefined)
  if (owner) warnings.say(file, '', `is not used, for there is a ${owner}; build.compose of berth.yaml can name it`)
  return owner ? {} : read(file, lookup, build?.service, warnings)
}

function read(file: string, lookup: Lookup, web: string | undefined, warnings: Warnings): Partial<Definition> {
  const text = lookup(file) ?? missing(file, lookup, warnings)
  const folder = file.slice(0, Math.max(0, file.lastIndexOf('/')))
  const beside = (name: string) => (folder ? `${folder}/${name}` : name)
  const dotenv = lookup(beside('.env'))
  const variables =
    dotenv === undefined ? new Map<string, string>() : readEnvFile(placeOf(beside('.env'), dotenv, warnings))
  const override = file.replace(/(\.ya?ml)$/, '.override$1')
  if (lookup(override) !== undefined) warnings.say(override, '', `is not read; ${file} alone counts`)
  return readCompose(placeOf(file, text, warnings), { folder, variables, lookup, warnings }, web)
}

function missing(file: string, lookup: Lookup, warnings: Warnings): never {
  const text = lookup('berth.yaml') ?? ''
  const place = placeOf('berth.yaml', text, warnings)
  const key = /\bcompose:\s*/.exec(place.text)
  return failAt(
    place,
    key ? key.index + key[0].length : 0,
    `names the compose file ${file}, which is not in the repository`,
  )
}
