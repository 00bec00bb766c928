import { createHash } from 'node:crypto'
import { z } from 'zod'
import { printable } from '../../model/printable.ts'
import { refuse } from '../../model/refusal.ts'
import { repositoryKey, repositoryUrl } from '../../model/repository.ts'
import type { AppRow } from '../store/access.ts'
import { record } from '../store/events.ts'
import { addDelivery, addReport, deployedBefore, type HookRow } from '../store/hooks.ts'
import { requestOperation } from '../store/operations.ts'
import { isPreview } from '../store/previews.ts'
import { checkSoon, deployOf, type SourceRow, sourcesOfTeam, watchOf } from '../store/sources.ts'
import type { WriteTx } from '../store/store.ts'
import { failuresKey, knownHook, type Parts } from './admit.ts'
import { decide } from './decide.ts'
import type { Answer, Delivery } from './delivery.ts'
import { previewOfPull, previewOfPush } from './previews.ts'
import { providers } from './providers/all.ts'
import type { HookEvent, Pull, Push, Received } from './providers/provider.ts'

/** One call of a provider: checked, understood, and answered with what came of it. Throws NOT_FOUND, BAD_SIGNATURE, TOO_MANY_ATTEMPTS, INVALID. */
export async function receive(parts: Parts, id: string, received: Received, address: string): Promise<Answer> {
  const { store } = parts
  const hook = await knownHook(parts, id)
  const provider = providers[hook.provider]
  const digest = createHash('sha256').update(received.body).digest('hex')
  const delivery = printable(provider.deliveryOf(received)).slice(0, 100) || digest.slice(0, 32)
  const known = { hook, delivery, digest, address }
  await mustBeSigned(parts, known, received)
  refuseFlood(parts, hook)
  const event = understood(known, received)
  return await store.write(['operations', 'apps'], (tx) => act(tx, known, event))
}

async function mustBeSigned(
  { store, failures }: Parts,
  { hook, delivery, digest, address }: Delivery,
  received: Received,
) {
  const key = failuresKey(hook, address)
  const wait = failures.wait(key)
  if (wait > 0) refuse('TOO_MANY_ATTEMPTS', wait)
  if (providers[hook.provider].isSigned(received, store.cipher.open(hook.secret))) return failures.succeeded(key)
  failures.failed(key)
  const refused = {
    event: '',
    ref: null,
    commit_id: null,
    outcome: 'refused',
    reason: 'the signature does not fit the secret',
  } as const
  await store.write([], (tx) => addDelivery(tx, { hook_id: hook.id, delivery, digest, ...refused }))
  refuse('BAD_SIGNATURE')
}

function refuseFlood({ deliveries }: Parts, { id }: HookRow) {
  const wait = deliveries.wait(id)
  if (wait > 0) refuse('TOO_MANY_ATTEMPTS', wait)
  deliveries.failed(id)
}

function understood({ hook }: Delivery, received: Received): HookEvent {
  try {
    return providers[hook.provider].read(received, JSON.parse(received.body.toString('utf8')))
  } catch (error) {
    if (error instanceof SyntaxError)
      return refuse('INVALID', 'body', 'is not JSON; set the content type of the hook to application/json')
    if (!(error instanceof z.ZodError)) throw error
    return refuse('INVALID', 'body', `is no push as ${hook.provider} tells of it (${error.issues[0]?.path.join('.')})`)
  }
}

async function act(tx: WriteTx, known: Delivery, event: HookEvent): Promise<Answer> {
  const { hook, delivery, digest } = known
  const answer = await answerTo(tx, known, event)
  await addDelivery(tx, {
    hook_id: hook.id,
    delivery,
    digest,
    event: event.kind === 'ping' ? 'ping' : printable(event.name).slice(0, 100),
    ...aboutOf(event),
    outcome: answer.outcome,
    reason: answer.reason.slice(0, 2_000),
  })
  return answer
}

function aboutOf(event: HookEvent) {
  const [push] = event.kind === 'push' ? event.pushes : []
  const name = push?.ref.name ?? (event.kind === 'pull' ? event.pull.branch : undefined)
  const commit = push?.commit ?? (event.kind === 'pull' ? event.pull.commit : null)
  return {
    ref: name === undefined ? null : printable(name).slice(0, 200),
    commit_id: commit?.slice(0, 64) || null,
  }
}

async function answerTo(tx: WriteTx, known: Delivery, event: HookEvent): Promise<Answer> {
  const { hook, delivery, digest } = known
  if (event.kind === 'ping') return { outcome: 'answered', reason: 'Berth is here' }
  if (event.kind === 'other') return ignored(`"${printable(event.name).slice(0, 100)}" is no push; only pushes deploy`)
  const told = event.kind === 'push' ? event.pushes : [event.pull]
  const before = await deployedBefore(tx, { hook_id: hook.id, delivery, digest })
  if (before) return ignored(`it came before, at ${before.at}: ${before.reason}`)
  const results: Answer[] = []
  for (const one of told) results.push(...(await fanOut(tx, known, one)))
  if (results.length === 0) return ignored(`no app of the team has this repository as its source (${namesOf(told)})`)
  const outcome = notable.find((one) => results.some((result) => result.outcome === one))
  return { outcome: outcome ?? 'ignored', reason: results.map(({ reason }) => reason).join('; ') }
}

const ignored = (reason: string): Answer => ({ outcome: 'ignored', reason })
const namesOf = (told: readonly Told[]) => [...new Set(told.map(({ project }) => printable(project)))].join(', ')

/** Of several apps' outcomes the first of these is the delivery's. */
const notable = ['deployed', 'checked', 'removed', 'waits'] as const

type Told = Push | Pull

/** Every app of the team with this repository decides for itself. */
async function fanOut(tx: WriteTx, known: Delivery, told: Told): Promise<Answer[]> {
  const keys = new Set(told.urls.flatMap(keyOf))
  const sources = await sourcesOfTeam(tx, known.hook.team_id)
  const concerned = sources.filter(({ kind, url }) => kind === 'git' && keyOf(url).some((key) => keys.has(key)))
  const answers: Answer[] = []
  for (const source of concerned) {
    const app = await tx.selectFrom('apps').selectAll().where('id', '=', source.app_id).executeTakeFirstOrThrow()
    if (isPreview(app)) continue
    answers.push(
      'number' in told ? await previewOfPull(tx, known, told, app) : await followBy(tx, known, told, { app, source }),
    )
  }
  return answers
}

function keyOf(url: string): string[] {
  try {
    return [repositoryKey(repositoryUrl(url).url)]
  } catch {
    return []
  }
}

type Concerned = { readonly app: AppRow; readonly source: SourceRow }

async function followBy(tx: WriteTx, known: Delivery, push: Push, { app, source }: Concerned): Promise<Answer> {
  const decision = decide(push, { ref: source.ref, watch: watchOf(app) })
  if (decision.act === 'ignore') {
    const answer = await previewOfPush(tx, known, push, { app, source })
    return answer ?? ignored(`${app.name}: ignored: ${decision.reason}`)
  }
  if (decision.act === 'check') {
    await checkSoon(tx, app.id)
    return { outcome: 'checked', reason: `${app.name}: Berth looks itself, for ${decision.reason}` }
  }
  const by = `${known.hook.provider} hook`
  const deploy = deployOf(source, { commit: push.commit ?? undefined, message: printable(push.message) })
  const { id } = await requestOperation(tx, app, deploy, by)
  await record(
    tx,
    { name: by },
    { action: 'receiveHook', target: `app ${app.name}`, teamId: app.team_id, source: known.address, result: 'ok' },
  )
  if (known.hook.token !== null && push.commit !== null) {
    await addReport(tx, { operation_id: id, hook_id: known.hook.id, project: push.project, commit_id: push.commit })
  }
  return { outcome: 'deployed', reason: `${app.name}: deployed by operation ${id}` }
}
