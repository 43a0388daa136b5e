export { GROUP_BY_FORMS, type Group, GroupByError, type GroupOf, parseGroupBy } from './group-by.ts';
export { groupName, isGroupName, toGroupName, UNGROUPED } from './group-name.ts';
