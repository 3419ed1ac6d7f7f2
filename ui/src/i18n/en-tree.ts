/** The tree of meters: what hangs behind what. */
export const enTree = {
  'setup.tab.tree': 'Tree',
  'setup.upstream': 'Hangs behind meter',
  'setup.upstreamHint': 'Empty: behind none.',
  'setup.upstreamWrong': 'Another meter of the same utility.',
  'tree.lead':
    'Today’s use since midnight: each meter, the sum of those behind it, and what the sum leaves open. For information: losses, meters without a place in the tree, and readings of other moments are part of it.',
  'tree.none': 'No meter hangs behind another. Name the upstream meter in the dialog of a meter or in the import.',
  'tree.label': 'Meters behind meters',
  'tree.today': 'Today',
  'tree.behind': 'Behind it ({count})',
  'tree.open': 'Difference',
  'tree.partly': 'at least: not every meter behind it is known today',
  'tree.since': 'since {time}',
  'tree.loose': 'Behind no meter',
  'tree.more': 'Show {count} more',
  'tree.expandAll': 'Open all',
  'tree.collapseAll': 'Close all',
} as const;
