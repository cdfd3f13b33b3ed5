"""The pages of the register: thin; reads by selectors, steps by actions."""
