/** Risers: a set of rooms and meters across floors that is tagged as a whole. */
export const enRisers = {
  'setup.tab.risers': 'Risers',
  'riser.lead':
    'A riser is the supply of rooms above one another. A work tag on it keeps all their breakers and valves open.',
  'riser.none': 'No riser yet. An administrator names one and the rooms and meters it feeds.',
  'riser.add': 'Add riser',
  'riser.edit': 'Change riser {name}',
  'riser.members': '{rooms} {rooms|room|rooms}, {meters} {meters|meter|meters}',
  'riser.rooms': 'Rooms it feeds',
  'riser.meters': 'Single meters',
  'riser.roomsHint': 'Room, floor or building',
  'riser.metersHint': 'Id or number of a meter',
  'riser.addAll': 'Add all {count}',
  'riser.membersMissing': 'Choose a room or a meter.',
  'riser.removeMember': 'Leave out {name}',
  'tag.riser': 'the riser',
  'tag.on.riser': 'Work tag on riser {name}',
  'tag.effect.riser':
    'Opens every breaker and valve on riser {name}, on all floors. Nothing closes them until the tag is lifted: no recharge, no batch, no manager.',
} as const;
