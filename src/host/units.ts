import { basename, dirname } from 'node:path'
import type { Part } from './parts.ts'

export type UnitOptions = { readonly cluster: string; readonly runDir: string; readonly configFile: string }

/** Docker's unit is the distribution's own. */
export const unitName = (part: Part, cluster: string) =>
  part.name === 'dockerd' ? 'docker.service' : `${cluster}-${part.name}.service`

/** The unit file of one part. Its log is the journal's, which bounds it. */
export function unitText(part: Part, options: UnitOptions): string {
  return [
    '[Unit]',
    `Description=Berth ${part.name}`,
    'After=network-online.target docker.service',
    'Wants=network-online.target docker.service',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    `ExecStart=${part.argv.map(quoted).join(' ').replaceAll('$', '$$$$')}`,
    `Environment=${quoted(`BERTH_CONFIG=${options.configFile}`)}`,
    ...runtimeDirectories(part, options.runDir),
    `SyslogIdentifier=${unitName(part, options.cluster).replace('.service', '')}`,
    'Restart=always',
    'RestartSec=1',
    `KillSignal=SIG${part.stop}`,
    `KillMode=${part.name === 'sshd' ? 'process' : 'mixed'}`,
    `TimeoutStopSec=${part.graceSeconds}`,
    'LimitNOFILE=1048576',
    // A push that takes all memory ends alone.
    'OOMPolicy=continue',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n')
}

/** /run is empty after a start of the machine; the folders outlive the part, for others use them too. */
function runtimeDirectories(part: Part, runDir: string): string[] {
  const own = dirname(runDir) === '/run' ? [basename(runDir)] : []
  const needed = part.name === 'sshd' ? [...own, 'sshd'] : own
  return needed.length > 0 ? [`RuntimeDirectory=${needed.join(' ')}`, 'RuntimeDirectoryPreserve=yes'] : []
}

/** systemd's quoting: specifiers, spaces, quotes. */
function quoted(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return /[\s"'\\;]/.test(word) || word === '' ? `"${escaped}"` : escaped
}
