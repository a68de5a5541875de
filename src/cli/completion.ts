// `sluice completion SHELL`: a script that completes commands and flags, made from the commands themselves.

import type { Command } from './commander.ts';
import { EXIT } from './exit_codes.ts';
import type { Surroundings } from './program.ts';

export const SHELLS = ['bash', 'elvish', 'fish', 'powershell', 'zsh'] as const;

interface Entry {
  /** Empty for the command without subcommand. */
  readonly command: string;
  readonly doc: string;
  readonly flags: readonly { readonly long: string; readonly doc: string; readonly choices: readonly string[] }[];
}

export function completion(shell: string, program: Command, { stdout, stderr }: Surroundings): number {
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell as keyof typeof SCRIPTS] : undefined;
  if (!script) {
    stderr.write(`unknown shell \`${shell}\`; known: ${SHELLS.join(', ')}\n`);
    return EXIT.usage;
  }
  stdout.write(script(entriesOf(program)));
  return EXIT.ok;
}

function entriesOf(program: Command): Entry[] {
  return [program, ...program.commands]
    .filter((command) => command === program || !isHidden(command))
    .map((command) => ({
      command: command === program ? '' : command.name(),
      doc: command.description().split('\n')[0]!,
      flags: command.options
        .filter(({ hidden }) => !hidden)
        .map(({ long, description, argChoices }) => ({ long: long!, doc: description, choices: argChoices ?? [] })),
    }));
}

function isHidden(command: Command): boolean {
  return Boolean((command as unknown as { _hidden?: boolean })._hidden);
}

const names = (entries: readonly Entry[]): string[] =>
  entries.filter(({ command }) => command !== '').map(({ command }) => command);
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const SCRIPTS: Record<(typeof SHELLS)[number], (entries: readonly Entry[]) => string> = {
  bash: (entries) => `_sluice() {
  local word=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]}
  case "$command" in
${entries
  .filter(({ command }) => command !== '')
  .map(
    ({ command, flags }) =>
      `    ${command}) COMPREPLY=($(compgen -f -W ${quote(flags.map(({ long }) => long).join(' '))} -- "$word"));;`,
  )
  .join('\n')}
    *) COMPREPLY=($(compgen -f -W ${quote([...names(entries), ...entries[0]!.flags.map(({ long }) => long)].join(' '))} -- "$word"));;
  esac
}
complete -F _sluice sluice
`,
  zsh: (entries) => `#compdef sluice
local -a commands
commands=(
${entries
  .filter(({ command }) => command !== '')
  .map(({ command, doc }) => `  ${quote(`${command}:${doc.replaceAll(':', '\\:')}`)}`)
  .join('\n')}
)
case "$words[2]" in
${entries
  .filter(({ command }) => command !== '')
  .map(
    ({ command, flags }) =>
      `  ${command}) _arguments ${flags.map(({ long, doc }) => quote(`${long}[${doc.replaceAll(/[[\]]/g, '')}]`)).join(' ')} '*:file:_files';;`,
  )
  .join('\n')}
  *) _describe command commands; _arguments ${entries[0]!.flags.map(({ long, doc }) => quote(`${long}[${doc.replaceAll(/[[\]]/g, '')}]`)).join(' ')};;
esac
`,
  fish: (entries) =>
    entries
      .flatMap(({ command, doc, flags }) => [
        ...(command === '' ? [] : [`complete -c sluice -n __fish_use_subcommand -a ${command} -d ${quote(doc)}`]),
        ...flags.map(
          ({ long, doc: flagDoc, choices }) =>
            `complete -c sluice ${command === '' ? '-n __fish_use_subcommand' : `-n '__fish_seen_subcommand_from ${command}'`} -l ${long.slice(2)} -d ${quote(flagDoc)}${choices.length > 0 ? ` -x -a ${quote(choices.join(' '))}` : ''}`,
        ),
      ])
      .join('\n')
      .concat('\n'),
  powershell: (entries) => `Register-ArgumentCompleter -Native -CommandName sluice -ScriptBlock {
  param($word, $ast, $position)
  $command = if ($ast.CommandElements.Count -gt 1) { $ast.CommandElements[1].ToString() } else { '' }
  $words = switch ($command) {
${entries
  .filter(({ command }) => command !== '')
  .map(({ command, flags }) => `    '${command}' { ${flags.map(({ long }) => `'${long}'`).join(', ')} }`)
  .join('\n')}
    default { ${[...names(entries), ...entries[0]!.flags.map(({ long }) => long)].map((word) => `'${word}'`).join(', ')} }
  }
  $words | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
}
`,
  elvish: (entries) => `set edit:completion:arg-completer[sluice] = {|@words|
  var command = ''
  if (> (count $words) 1) { set command = $words[1] }
${entries
  .filter(({ command }) => command !== '')
  .map(
    ({ command, flags }) => `  if (eq $command ${command}) { put ${flags.map(({ long }) => long).join(' ')}; return }`,
  )
  .join('\n')}
  put ${[...names(entries), ...entries[0]!.flags.map(({ long }) => long)].join(' ')}
}
`,
};
