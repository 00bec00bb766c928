import { Refusal, refuse } from '../refusal.ts'
import { ownEnvironment, readAppJson } from './appJson.ts'
import { readBerthYaml } from './berthYaml.ts'
import { composeFileNames, composeOf } from './compose/chosen.ts'
import type { Lookup } from './compose/values.ts'
import type { Definition } from './declared.ts'
import type { Place } from './place.ts'
import { readProcfile } from './procfile.ts'
import { metadataOf } from './upaas/chosen.ts'
import { metadataFileNames, ownMetadata } from './upaas/names.ts'
import { upscaleFileNames, upscaleOf } from './upscale/upscale.ts'
import { placeOf, Warnings } from './warnings.ts'

/** Files of a repository that say how an app is built and run, by their paths; those that are not there have no text. */
export type DefinitionFiles = Readonly<Record<string, string | undefined>>

export const definitionFileNames = [
  'berth.yaml',
  'Procfile',
  'app.json',
  ...composeFileNames,
  ...metadataFileNames,
  ...upscaleFileNames,
] as const

const empty: Definition = { env: {}, generated: [], required: [], scale: {}, build: {}, warnings: [] }

/** Reads all definition files; berth.yaml wins over Procfile, Procfile over app.json. Throws DEFINITION with the position. */
export function readDefinition(files: DefinitionFiles): Definition {
  return readWith((path) => textOf(files, path))
}

/** Paths of files that the definition names and that `files` says nothing of: to be given too, where they are there. */
export function definitionPaths(files: DefinitionFiles): string[] {
  const asked = new Set<string>()
  try {
    readWith((path) => {
      if (!Object.hasOwn(files, path)) asked.add(path)
      return textOf(files, path)
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
  return [...asked]
}

const textOf = (files: DefinitionFiles, path: string) => (Object.hasOwn(files, path) ? files[path] : undefined)

const mostFiles = 60

/** A definition may name files, which are all read: not too many. */
function bounded(lookup: Lookup): Lookup {
  const paths = new Set<string>()
  return (path) => {
    if (paths.add(path).size > mostFiles)
      refuse('TOO_LARGE', 'the list of files that the definition names', `${mostFiles}`)
    return lookup(path)
  }
}

function readWith(text: Lookup): Definition {
  const lookup = bounded(text)
  const warnings = new Warnings()
  const read = <T>(file: string, reader: (place: Place) => T): T | undefined => {
    const text = lookup(file)
    return text === undefined ? undefined : reader(placeOf(file, text, warnings))
  }
  const procfile = read('Procfile', readProcfile)
  const berth = read('berth.yaml', readBerthYaml)
  const others = foreign(lookup, read, berth, warnings)
  const app = merged(
    others,
    read('app.json', (place) => readAppJson(place, lookup(ownEnvironment))),
  )
  return {
    ...merged({ ...app, ...withProcesses(procfile) }, berth),
    build: { ...app.build, ...berth?.build },
    warnings: warnings.list(),
  }
}

type Reading = <T>(file: string, reader: (place: Place) => T) => T | undefined

/** What files of other platforms say; beside metadata of the app itself, none of them counts. */
function foreign(lookup: Lookup, read: Reading, berth: Parts, warnings: Warnings): Partial<Definition> {
  const metadata = metadataOf(read)
  if (lookup(ownMetadata) !== undefined) return metadata
  return merged(merged(upscaleOf(read), composeOf(lookup, berth?.build, warnings)), metadata)
}

/** Two files' words, the second one's in front. */
function merged(first: Parts, second: Parts): Omit<Definition, 'warnings'> {
  return {
    ...empty,
    ...first,
    ...second,
    ...variables(first, second),
    scale: mergeScales(first?.scale, second?.scale),
  }
}

const withProcesses = (procfile: ReturnType<typeof readProcfile> | undefined) =>
  procfile && procfile.processes.length === 0
    ? { ...(procfile.releaseCommand && { releaseCommand: procfile.releaseCommand }) }
    : procfile

type Parts = Partial<Definition> | undefined

/** A later file's word about a variable replaces an earlier one's, whatever kind either is. */
function variables(app: Parts, berth: Parts): Pick<Definition, 'env' | 'scopes' | 'generated' | 'required'> {
  const said = new Set([...Object.keys(berth?.env ?? {}), ...(berth?.generated ?? []), ...(berth?.required ?? [])])
  const unsaid = (name: string) => !said.has(name)
  const inherited = Object.entries(app?.env ?? {}).filter(([name]) => unsaid(name))
  return {
    env: { ...Object.fromEntries(inherited), ...berth?.env },
    scopes: { ...app?.scopes, ...berth?.scopes },
    generated: [...(app?.generated ?? []).filter(unsaid), ...(berth?.generated ?? [])],
    required: [...(app?.required ?? []).filter(unsaid), ...(berth?.required ?? [])],
  }
}

function mergeScales(first: Definition['scale'] = {}, second: Definition['scale'] = {}): Definition['scale'] {
  const names = new Set([...Object.keys(first), ...Object.keys(second)])
  return Object.fromEntries([...names].map((name) => [name, { ...first[name], ...second[name] }]))
}
