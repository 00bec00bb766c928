import { refuse } from '../../model/refusal.ts'
import { instructionsOf } from './dockerfile.ts'

type Check = (host: string) => Promise<unknown>

/** Why a step, by BuildKit's name for it, must not be taken. */
type Forbids = (name: string) => string | undefined

const mostHosts = 30
const url = /\b(?:https?|git|ssh):\/\/(?:[^\s/"'@\\]*@)?(\[[^\]\s]+\]|[^\s/:"'$\\?#]+)/gi

/**
 * `ADD http://…` is fetched by the Engine itself, in the machine's network: what is inside is none of a build's. A host has to
 * stand in the Dockerfile, so that it can be looked up before anything is fetched; redirects are not seen from here.
 */
export async function engineFetches(text: string, check: Check): Promise<Forbids> {
  const adds = instructionsOf(text).filter(({ keyword }) => keyword === 'ADD' || keyword === 'ONBUILD')
  const asked = new Set(adds.flatMap(({ text }) => hostsIn(text)))
  const known = adds.length > 0 ? [...new Set([...asked, ...hostsIn(text)])].slice(0, mostHosts) : []
  const verdicts = new Map<string, string | undefined>()
  for (const host of known) verdicts.set(host, await check(host).then(() => undefined, reasonOf))
  for (const host of asked) {
    const reason = verdicts.get(host)
    if (reason !== undefined) refuse('SOURCE', `ADD of a URL: ${reason}`)
  }
  return (name) => {
    const bad = fetchedBy(name).find((host) => !verdicts.has(host) || verdicts.get(host) !== undefined)
    return bad && `ADD of a URL: ${verdicts.get(bad) ?? `the host ${bad} does not stand in the Dockerfile`}`
  }
}

const hostsIn = (text: string) => [...text.matchAll(url)].map((match) => (match[1] ?? '').toLowerCase())

/** A download is a step of its own, named by its URL; an ADD is named as it is. */
const fetchedBy = (name: string) =>
  /^(?:https?|git|ssh):\/\//i.test(name) || /^\[[^\]]*\] ADD /i.test(name) ? hostsIn(name) : []

/** Where the operator does not let the Engine fetch at all, for redirects are not seen from here. */
export function noEngineFetches(text: string): Forbids {
  const adds = instructionsOf(text).filter(({ keyword }) => keyword === 'ADD' || keyword === 'ONBUILD')
  const [host] = adds.flatMap(({ text }) => hostsIn(text))
  if (host !== undefined) refuse('SOURCE', notHere(host))
  return (name) => fetchedBy(name).map(notHere)[0]
}

const notHere = (host: string) =>
  `ADD of a URL (${host}) is switched off on this machine (build_add_urls); fetch it in a RUN, with curl for example`

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
