// nothing   Ends at once, with 0: what a start-up is measured with.

int main() { return 0; }
