import { isMap, type Node } from 'yaml'
import { envName, envValue } from '../../names.ts'
import { refuse } from '../../refusal.ts'
import { failAt, type Place } from '../place.ts'
import { fail, type Read } from '../read.ts'
import { aliasedRoot, indented, isNull } from './document.ts'
import { warnFeatures } from './features.ts'
import { files } from './files.ts'
import { actionNames, type Metadata, type OsPackages, revisionParts } from './metadata.ts'
import { listOf, positionOf, type Section, script, sectionOf, string, texts, warnUnknown } from './values.ts'

const sections = ['os', 'interpreter', 'repository', 'env', 'actions', 'files', 'uwsgi', 'features']

/** Metadata of uPaaS: every key of the format. Throws DEFINITION with the position. */
export function readMetadata(place: Place): Metadata {
  const root = aliasedRoot(place)
  if (!root || isNull(root)) return failAt(place, 0, 'is empty')
  if (!isMap(root)) return fail(place, root, 'must be a map of sections: interpreter, repository, …')
  if (indented(root, sections))
    place.warn('the keys of its sections are not indented; they were taken to belong to the section above them')
  const top = sectionOf(place, root)
  warnUnknown(place, top, '', sections)
  warnFeatures(place, top.get('features')?.value)
  return {
    file: place.file,
    os: osPackages(place, top.get('os')?.value),
    interpreter: interpreter(place, top),
    repository: repository(place, top),
    env: optional(place, top, 'env', texts(envName, envValue), {}),
    actions: actions(place, top),
    files: optional(place, top, 'files', files, {}),
    uwsgi: uwsgi(place, top.get('uwsgi')?.value),
  }
}

function optional<T>(place: Place, section: Section, name: string, read: Read<T>, fallback: T): T {
  const found = section.get(name)
  return found ? read(place, found.value) : fallback
}

/** A key that there must be; the message names the whole of it. */
function required<T>(place: Place, section: Section, path: string, read: Read<T>, around: Node | undefined): T {
  const found = section.get(path.split('.').at(-1) ?? '')
  if (found && !isNull(found.value)) return read(place, found.value)
  return failAt(place, (found?.key ?? around)?.range?.[0] ?? 0, `${path} is missing`)
}

const packageName: Read<string> = (place, node) => {
  const name = string(place, node)
  const grammar = /^[a-z0-9][a-z0-9+.-]{0,100}(?::[a-z0-9]{1,20})?(?:=[A-Za-z0-9][A-Za-z0-9.+:~-]{0,100})?$/
  return grammar.test(name)
    ? name
    : fail(place, node, `${JSON.stringify(name.slice(0, 60))} is not the name of a package`)
}

const packages = listOf(packageName)

/** `os.<distribution>.packages`, and below it `<version>.packages`; whatever else stands there is for others to read. */
function osPackages(place: Place, node: Node | undefined): OsPackages[] {
  return [...sectionOf(place, node)].flatMap(([distribution, { value }]) => {
    const inside = sectionOf(place, isMap(value) ? value : undefined)
    const versions = [...inside].flatMap(([version, { value: own }]) => {
      const named = isMap(own) ? sectionOf(place, own).get('packages') : undefined
      return named ? [{ distribution, version, packages: packages(place, named.value) }] : []
    })
    const all = inside.get('packages')
    return [...(all ? [{ distribution, packages: packages(place, all.value) }] : []), ...versions]
  })
}

const version: Read<string> = (place, node) => {
  const text = string(place, node).trim()
  return /^\d{1,6}(?:\.\d{1,6}){0,5}$/.test(text) ? text : fail(place, node, 'must be a version in numbers, like "3.1"')
}

const settingName = (raw: string) =>
  /^[A-Za-z_][\w-]{0,60}$/.test(raw) ? raw : refuse('INVALID', 'setting', 'its name has letters, digits, - and _ only')

/** Settings become lines of uWSGI's file. */
const settingValue = (raw: string) =>
  /\p{Cc}/u.test(raw) ? refuse('INVALID', 'value', 'must be one line without control characters') : raw

function interpreter(place: Place, top: Section): Metadata['interpreter'] {
  const found = top.get('interpreter')
  const section = sectionOf(place, found?.value)
  warnUnknown(place, section, 'interpreter: ', ['type', 'versions', 'settings'])
  const type = required(place, section, 'interpreter.type', string, found?.key)
  const versions = required(place, section, 'interpreter.versions', listOf(version), found?.key)
  const [typeNode, versionsNode] = [section.get('type')?.value, section.get('versions')?.value]
  if (versionsNode && versions.length === 0) fail(place, versionsNode, 'names no version')
  const start = { line: 1, column: 1 }
  return {
    type,
    typeAt: typeNode ? positionOf(place, typeNode) : start,
    versions,
    versionsAt: versionsNode ? positionOf(place, versionsNode) : start,
    settings: optional(place, section, 'settings', texts(settingName, settingValue), {}),
  }
}

function repository(place: Place, top: Section): Metadata['repository'] {
  const found = top.get('repository')
  const section = sectionOf(place, found?.value)
  const known = ['env', 'clone', 'update', 'revision']
  warnUnknown(place, section, 'repository: ', known)
  const revision = sectionOf(place, section.get('revision')?.value)
  warnUnknown(place, revision, 'repository.revision: ', revisionParts)
  return {
    env: optional(place, section, 'env', texts(envName, envValue), {}),
    clone: required(place, section, 'repository.clone', script, found?.key),
    update: required(place, section, 'repository.update', script, found?.key),
    revision: Object.fromEntries(
      revisionParts.flatMap((part) => {
        const own = revision.get(part)
        return own ? [[part, string(place, own.value)]] : []
      }),
    ),
  }
}

function actions(place: Place, top: Section): Metadata['actions'] {
  const found = top.get('actions')
  if (!found) return {}
  if (isNull(found.value)) fail(place, found.key, 'actions has no value; leave it out, or say "setup" in it')
  const section = sectionOf(place, found.value)
  warnUnknown(place, section, 'actions: ', ['setup'])
  const setup = sectionOf(place, section.get('setup')?.value)
  warnUnknown(place, setup, 'actions.setup: ', actionNames)
  return Object.fromEntries(
    actionNames.flatMap((name) => {
      const own = setup.get(name)
      return own && !isNull(own.value) ? [[name, script(place, own.value)]] : []
    }),
  )
}

const option: Read<string> = (place, node) => {
  const text = string(place, node).trim()
  if (/\p{Cc}/u.test(text)) return fail(place, node, 'must be one line without control characters')
  return text.length > 2_048 ? fail(place, node, 'is longer than 2048 characters') : text
}

function uwsgi(place: Place, node: Node | undefined): readonly string[] {
  const section = sectionOf(place, node)
  warnUnknown(place, section, 'uwsgi: ', ['settings'])
  return optional(place, section, 'settings', listOf(option), [])
}
