import { readAppJson } from './appJson.ts'
import { readBerthYaml } from './berthYaml.ts'
import type { Definition } from './declared.ts'
import { failAt, type Place } from './place.ts'
import { readProcfile } from './procfile.ts'

/** Files of a repository that say how an app is built and run; content or undefined. */
export type DefinitionFiles = { 'berth.yaml'?: string; Procfile?: string; 'app.json'?: string }

export const definitionFileNames: readonly (keyof DefinitionFiles)[] = ['berth.yaml', 'Procfile', 'app.json']

const empty: Definition = { env: {}, generated: [], required: [], scale: {}, build: {}, warnings: [] }
const mostBytes = 65_536

/** Reads all definition files; berth.yaml wins over Procfile, Procfile over app.json. Throws DEFINITION with the position. */
export function readDefinition(files: DefinitionFiles): Definition {
  const warnings: string[] = []
  const read = <T>(file: keyof DefinitionFiles, reader: (place: Place) => T): T | undefined => {
    const text = files[file]
    return text === undefined
      ? undefined
      : reader(placeOf(file, text, (message) => warnings.push(`${file}: ${message}`)))
  }
  const app = read('app.json', readAppJson)
  const procfile = read('Procfile', readProcfile)
  const berth = read('berth.yaml', readBerthYaml)
  return {
    ...empty,
    ...app,
    ...withProcesses(procfile),
    ...berth,
    ...variables(app, berth),
    scale: mergeScales(app?.scale, berth?.scale),
    warnings,
  }
}

function placeOf(file: string, text: string, warn: (message: string) => void): Place {
  const place = { file, text: text.replace(/^\uFEFF/, ''), warn }
  if (text.length > mostBytes) failAt(place, 0, 'is larger than 64 KiB')
  return place
}

const withProcesses = (procfile: ReturnType<typeof readProcfile> | undefined) =>
  procfile && procfile.processes.length === 0
    ? { ...(procfile.releaseCommand && { releaseCommand: procfile.releaseCommand }) }
    : procfile

type Parts = Partial<Definition> | undefined

/** A later file's word about a variable replaces an earlier one's, whatever kind either is. */
function variables(app: Parts, berth: Parts): Pick<Definition, 'env' | 'generated' | 'required'> {
  const said = new Set([...Object.keys(berth?.env ?? {}), ...(berth?.generated ?? []), ...(berth?.required ?? [])])
  const unsaid = (name: string) => !said.has(name)
  const inherited = Object.entries(app?.env ?? {}).filter(([name]) => unsaid(name))
  return {
    env: { ...Object.fromEntries(inherited), ...berth?.env },
    generated: [...(app?.generated ?? []).filter(unsaid), ...(berth?.generated ?? [])],
    required: [...(app?.required ?? []).filter(unsaid), ...(berth?.required ?? [])],
  }
}

function mergeScales(first: Definition['scale'] = {}, second: Definition['scale'] = {}): Definition['scale'] {
  const names = new Set([...Object.keys(first), ...Object.keys(second)])
  return Object.fromEntries([...names].map((name) => [name, { ...first[name], ...second[name] }]))
}
