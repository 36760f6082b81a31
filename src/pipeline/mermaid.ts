/** A graph as text that Mermaid draws (mermaid.js.org). */
import type { AnyNode, Flow, Link } from './flow.js';
import type { Topology } from './ports.js';

const quote = (text: string): string => `"${text.replaceAll('"', '#quot;')}"`;

const SHAPES: Partial<Record<Topology, readonly [string, string]>> = {
  source: ['([', '])'],
  sink: ['[[', ']]'],
  scatter: ['[/', '\\]'],
  ysplit: ['[/', '\\]'],
  gather: ['[\\', '/]'],
  ymerge: ['[\\', '/]'],
};

const labelOf = ({ name, options: { parallel = 1, ordered = false } }: AnyNode): string => {
  if (parallel === 1) return name;
  return `${name} x ${parallel}${ordered ? ', ordered' : ''}`;
};

const portOf = ({ plan: { name, isMany }, index }: Link['from'] | Link['to'], plain: string): string => {
  if (isMany) return `${name}[${index}]`;
  return name === plain ? '' : name;
};

const linkLabel = ({ from, to, policy }: Link): string => {
  const ports = [portOf(from, 'out'), portOf(to, 'in')];
  const between = ports.some((port) => port !== '') ? ports.join(' to ') : '';
  return [between, policy === 'block' ? '' : policy].filter((part) => part !== '').join(', ');
};

export const mermaidOf = (flow: Flow, topologyOf: (node: AnyNode) => Topology): string => {
  const ids = new Map([...flow.nodes.values()].map((node, index) => [node, `s${index}`]));
  const nodes = [...ids].map(([node, id]) => {
    const [open, close] = SHAPES[topologyOf(node)] ?? ['[', ']'];
    return `  ${id}${open}${quote(labelOf(node))}${close}`;
  });
  const links = flow.links.map((link) => {
    const arrow = link.isLoop ? '-.->' : '-->';
    const label = linkLabel(link);
    const between = label === '' ? arrow : `${arrow}|${quote(label)}|`;
    return `  ${ids.get(link.from.node)} ${between} ${ids.get(link.to.node)}`;
  });
  return ['flowchart LR', ...nodes, ...links].join('\n');
};
