import { setSource } from '../../../contract/sources.ts'
import { refuse } from '../../../model/refusal.ts'
import {
  isSsh,
  kindOf,
  type RepositoryKind,
  type RepositoryUrl,
  repositoryUrl,
  urlText,
} from '../../../model/repository.ts'
import type { AppRow } from '../../store/access.ts'
import type { Cipher } from '../../store/cipher.ts'
import { deployKeyOf, putDeployKey, putSource, type SourceRow, setPaths, sourceOf } from '../../store/sources.ts'
import type { ReadTx, WriteTx } from '../../store/store.ts'
import { authorizedApp } from '../authorized.ts'
import type { Call } from '../call.ts'
import { handle } from '../handle.ts'
import { sourceView } from '../views/source.ts'

type Body = Call<typeof setSource>['body']
type Wanted = { readonly url: RepositoryUrl; readonly kind: RepositoryKind; readonly password?: string }

export const route = handle(setSource, async ({ store, sources }, call) => {
  const { app, known, key } = await store.read(async (tx) => before(tx, await authorizedApp(tx, call)))
  const wanted = wantedOf(call.body, known)
  if (wanted) await sources.mayFetch(wanted.url)
  const fresh = wanted && isSsh(wanted.url) && !key ? await sources.newKey(app.name) : undefined
  const { view, isOther } = await call.write('apps', async (tx) => {
    const app = await authorizedApp(tx, call)
    await setPaths(tx, app.id, call.body)
    const isOther = wanted ? await put(tx, app, wanted, call.body, store.cipher) : false
    if (fresh) {
      const row = { app_id: app.id, public_key: fresh.publicKey, private_key: store.cipher.seal(fresh.privateKey) }
      await putDeployKey(tx, row)
    }
    return { view: await sourceView(tx, await authorizedApp(tx, call)), isOther }
  })
  if (isOther) await sources.forget(app.id)
  return view
})

async function before(tx: ReadTx, app: AppRow) {
  return { app, known: await sourceOf(tx, app.id), key: await deployKeyOf(tx, app.id) }
}

const aboutRepository = ['url', 'kind', 'ref', 'password', 'pollSeconds'] as const

/** Nothing when only paths change; those are of the app, whatever it is deployed from. */
function wantedOf(body: Body, known: SourceRow | undefined): Wanted | undefined {
  if (!aboutRepository.some((name) => body[name] !== undefined)) return undefined
  const text = body.url ?? known?.url ?? refuse('INVALID', 'url', 'this app has no source yet; give its URL')
  const { url, password = body.password } = repositoryUrl(text)
  if (password !== undefined) refuseOpenPassword(url)
  return {
    url,
    kind: kindOf(url, body.kind ?? (body.url === undefined ? known?.kind : undefined)),
    ...(password && { password }),
  }
}

function refuseOpenPassword({ scheme, user }: RepositoryUrl) {
  if (!['https', 'svn'].includes(scheme)) refuse('INVALID', 'password', `does not go over ${scheme}; use https`)
  if (user === undefined) refuse('INVALID', 'url', 'needs the name of the user: https://name@host/path')
}

/** Gives whether it is another repository than before. */
async function put(tx: WriteTx, { id }: AppRow, wanted: Wanted, body: Body, cipher: Cipher): Promise<boolean> {
  const known = await sourceOf(tx, id)
  const url = urlText(wanted.url)
  const isSame = known?.url === url && known.kind === wanted.kind
  const kept = isSame ? known : undefined
  const ref = body.ref === undefined ? (kept?.ref ?? null) : body.ref
  const values = {
    kind: wanted.kind,
    url,
    secret: wanted.password === undefined ? (kept?.secret ?? null) : cipher.seal(wanted.password),
    ref,
    poll_seconds: body.pollSeconds === undefined ? (kept?.poll_seconds ?? null) : body.pollSeconds,
  }
  await putSource(tx, id, values, !isSame || known?.ref !== ref)
  return known !== undefined && !isSame
}
